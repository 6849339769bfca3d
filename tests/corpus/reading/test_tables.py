import bz2
import gzip
import lzma

import pyarrow
import pytest

from topicgen.corpus.reading.dialects import Layout
from topicgen.corpus.reading.tables import Columns, read_table
from topicgen.errors import InputError

TABLES = {
    "news.csv": b'no,text,topic\n7,"Stocks, rose.",business\n8,Rain fell.,\n',
    "news.TSV": b"no\ttext\ttopic\n7\tStocks, rose.\tbusiness\n8\tRain fell.\t\n",
    "news.jsonl": b'{"no": 7, "text": "Stocks, rose.", "topic": "business"}\n'
    b'{"no": 8, "text": "Rain fell.", "topic": ""}\n',
}


def zstd(content):
    sink = pyarrow.BufferOutputStream()
    with pyarrow.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(content)
    return sink.getvalue().to_pybytes()


COMPRESSORS = {
    "": bytes,
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": zstd,
}


@pytest.fixture
def read(tmp_path):
    def read(name, content, *columns):
        path = tmp_path / name
        path.write_bytes(content)
        return [tuple(document) for document in read_table(path, Columns(*columns))]

    return read


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("suffix", COMPRESSORS)
def test_columns_by_name(read, name, suffix):
    content = COMPRESSORS[suffix](TABLES[name])
    assert read(name + suffix, content, "text", "no", "topic") == [
        ("Stocks, rose.", "7", "business"),
        ("Rain fell.", "8", None),
    ]


@pytest.mark.parametrize("name", TABLES)
def test_text_is_the_default_column_and_ids_count_rows(read, name):
    assert read(name, TABLES[name])[1] == ("Rain fell.", "2", None)


def test_only_column_is_the_default(read):
    assert read("a.csv", b"body\nword\n") == [("word", "1", None)]
    assert read("a.ndjson", b'\n{"body": "word"}') == [("word", "2", None)]


def test_byte_order_mark_is_no_part_of_the_first_column(read):
    assert read("a.csv", b"\xef\xbb\xbftext,no\nword,1\n")[0][0] == "word"


def test_latin1_is_counted_in_one_warning(read):
    with pytest.warns(UserWarning, match="1 byte of another encoding in 1 line of .*a.csv") as w:
        assert read("a.csv", b"text\ncaf\xe9\n")[0][0] == "café"
    assert len(w) == 1


def test_rows_keep_their_lines(read, refuses):
    content = b'text,no\r\n"two\r\nlines",1\r\n"\xc3\xa9",2\r\n'
    assert [row[0] for row in read("a.csv", content)] == ["two\nlines", "é"]
    with refuses("UTF-8 on line 4", "other bytes on line 5", "a.csv'"):
        read("a.csv", content + b"\xe9,3\n")


def test_no_default_column_is_refused_with_those_there_are(read, refuses):
    with refuses("a column 'text'", "the columns 'id', 'body' in", "a.csv', line 2", "say which"):
        read("a.csv", b"id,body\n1,word\n")


@pytest.mark.parametrize("columns", [("body",), (None, "body"), (None, None, "body")])
@pytest.mark.parametrize("name", TABLES)
def test_unknown_column_is_refused_with_those_there_are(read, refuses, name, columns):
    with refuses("a column 'body'", "'no', 'text', 'topic'", f"{name}', line", "name a column"):
        read(name, TABLES[name], *columns)


def test_many_long_column_names_stay_readable(read, refuses):
    header = ",".join(f"{number}{'x' * 100}" for number in range(30)).encode()
    with refuses("xxx…xxx", "10 more"):
        read("a.csv", header + b"\n" + b"," * 29 + b"\n")


def test_a_misspelt_column_is_suggested(read, refuses):
    with refuses("a column 'distric'", "; did you mean 'district'?"):
        read("a.csv", b"text,district\na,b\n", "text", None, "distric")
    with refuses("name a column that every row has"):
        read("a.csv", b"text,district\na,b\n", "text", None, "year")


def test_json_line_without_the_column_is_refused(read, refuses):
    with refuses("a column 'text'", "the columns 'body'", "a.jsonl', line 2"):
        read("a.jsonl", b'{"text": "a"}\n{"body": "b"}\n')
    with refuses("got no column"):
        read("a.jsonl", b"{}\n")


def test_json_text_that_is_no_string_is_refused(read, refuses):
    for value, kind in (("1", "a number"), ("true", "a boolean"), ("[]", "an array")):
        with refuses("a string in the column 'text'", f"got {kind}", "a.jsonl', line 1", "remove"):
            read("a.jsonl", b'{"text": %s}\n' % value.encode())


@pytest.mark.parametrize("name", ["a.jsonl", "a.ndjson", "a.json"])
@pytest.mark.parametrize("missing", [b"null", b"NaN"])
def test_missing_texts_are_empty_documents_which_one_warning_counts(read, name, missing):
    content = b'{"text": "a"}\n{"text": %b}\n{"text": "b"}\n{"text": %b}' % (missing, missing)
    with pytest.warns(UserWarning, match=f"2 of 4 rows of .*{name}.*'text' is null") as caught:
        rows = read(name, content)
    assert [row[:2] for row in rows] == [("a", "1"), ("", "2"), ("b", "3"), ("", "4")]
    assert len(caught) == 1


MISSING = ["", "NaN", "nan", "None", "null", "NULL", "<NA>", "NA", "N/A", "#N/A", "NaT", " "]


@pytest.mark.parametrize("value", MISSING)
def test_missing_labels_and_ids_are_missing_in_every_reader(read, value):
    for name, content in (
        ("a.csv", f"text,l,m\na,{value},x\n"),
        ("a.tsv", f"text\tl\tm\na\t{value}\tx\n"),
        ("a.jsonl", f'{{"text": "a", "l": "{value}"}}'),
        ("a.json", f'[{{"text": "a", "l": "{value}"}}]'),
    ):
        assert read(name, content.encode(), None, "l", "l") == [("a", "1", None)]


@pytest.mark.parametrize("value", ["null", "NaN"])
def test_json_label_that_is_missing_is_none(read, value):
    content = f'{{"text": "a", "l": {value}}}\n'.encode()
    assert read("a.jsonl", content, None, "l", "l") == [("a", "1", None)]


def test_json_label_that_only_some_rows_have(read, refuses):
    content = b'{"text": "a"}\n{"text": "b", "l": "x"}\n{"text": "c"}'
    assert [row[2] for row in read("a.jsonl", content, None, None, "l")] == [None, "x", None]
    with refuses("a column 'm'", "'text'", "a.jsonl', line 1"):
        read("a.jsonl", content, None, None, "m")


def test_json_label_that_is_an_array_is_refused(read, refuses):
    with refuses("a string or a number in the column 'l'", "an array", "a.jsonl', line 1"):
        read("a.jsonl", b'{"text": "a", "l": [1]}', None, None, "l")


@pytest.mark.parametrize("marker", ["NA", "NaN", "null", r"\N"])
def test_text_of_csv_that_stands_for_nothing_is_an_empty_document(read, marker):
    content = f"id,text\n7,{marker}\n8,Rain fell.\n9,\n10,{marker} rose\n".encode()
    with pytest.warns(UserWarning, match="for a missing text in 1 of 4 rows of .*'text'"):
        texts = [text for text, *_ in read("a.csv", content)]
    assert texts == ["", "Rain fell.", "", f"{marker} rose"]


def test_string_of_json_is_a_text_whatever_it_says(read):
    assert read("a.jsonl", b'{"text": "NA"}\n') == [("NA", "1", None)]


@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
def test_names_of_json_are_not_taken_for_a_document(read, name):
    with pytest.raises(InputError, match=r"the columns 'a', 'b'.*--column") as caught:
        read(name, b'{"a": "x", "b": "y"}\n')
    assert "--no-header" not in str(caught.value)


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_headers_of_tables_that_were_put_together_are_left_out(read, mark):
    content = f"id,text\n7,alpha\n{mark}id, text \n8,beta\nid,text\n9,text\n".encode()
    with pytest.warns(UserWarning, match=r"repeats the header of .*: 2 rows, first in line 3"):
        found = read("a.csv", content, "text", "id")
    assert found == [("alpha", "7", None), ("beta", "8", None), ("text", "9", None)]
    assert read("b.csv", b"text\ntext\n") == [("text", "1", None)]


def test_lines_above_the_header_are_named(read, refuses):
    with refuses("1 field, as in the header", "got 2", "line 3", "above the row of names"):
        read("a.csv", b"Report 2020\n\nid,text\n1,alpha\n")


def test_only_columns_name_that_may_be_a_document_is_said(read):
    with pytest.warns(UserWarning, match="took 'alpha beta', the first row of .*--no-header"):
        assert read("a.csv", b"alpha beta\ngamma\n") == [("gamma", "1", None)]
    assert read("a.csv", b"alpha beta\ngamma\n", "alpha beta") == [("gamma", "1", None)]


def test_table_without_a_header_has_columns_by_number(tmp_path, refuses):
    path = tmp_path / "a.csv"
    path.write_text("1,alpha,x\n2,beta,NA\n")
    layout = Layout(header=False)
    documents = list(read_table(path, Columns("2", "1", "3"), layout=layout))
    assert [tuple(d) for d in documents] == [("alpha", "1", "x"), ("beta", "2", None)]
    with refuses("the columns '1', '2', '3'", "--column", "--no-header"):
        list(read_table(path, Columns(), layout=layout))
    path.write_text("alpha beta\ngamma\n")
    assert [d.text for d in read_table(path, Columns(), layout=layout)] == ["alpha beta", "gamma"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\r\r\n"])
@pytest.mark.parametrize("name", TABLES)
def test_line_ends_of_every_system(read, name, end):
    content = TABLES[name].replace(b"\n", end.encode())
    assert [row[:2] for row in read(name, content)] == [("Stocks, rose.", "1"), ("Rain fell.", "2")]


def test_nul_byte_is_refused_with_its_line(read, refuses):
    with refuses("a.csv', line 2", "NUL byte at offset 1"):
        read("a.csv", b"text\na\0b\n")
