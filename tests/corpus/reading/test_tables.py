import bz2
import gzip
import lzma

import pyarrow
import pytest

from topicgen.corpus.reading.tables import Columns, read_table

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
        ("Rain fell.", "8", ""),
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


def test_rows_keep_their_lines_and_line_ends(read, refuses):
    content = b'text,no\r\n"two\r\nlines",1\r\n"\xc3\xa9",2\r\n'
    assert [row[0] for row in read("a.csv", content)] == ["two\r\nlines", "é"]
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
    with refuses("…', '1x", "10 more"):
        read("a.csv", header + b"\n" + b"," * 29 + b"\n")


def test_json_line_without_the_column_is_refused(read, refuses):
    with refuses("a column 'text'", "the columns 'body'", "a.jsonl', line 2"):
        read("a.jsonl", b'{"text": "a"}\n{"body": "b"}\n')
    with refuses("got no column"):
        read("a.jsonl", b"{}\n")


def test_json_text_that_is_no_string_is_refused(read, refuses):
    with refuses("a string in the column 'text'", "got null", "a.jsonl', line 1", "remove"):
        read("a.jsonl", b'{"text": null}\n')


def test_json_label_that_is_null_is_none_and_an_array_is_refused(read, refuses):
    assert read("a.jsonl", b'{"text": "a", "l": null}', None, "l", "l") == [("a", "1", None)]
    with refuses("a string or a number in the column 'l'", "an array", "a.jsonl', line 1"):
        read("a.jsonl", b'{"text": "a", "l": [1]}', None, None, "l")


def test_nul_byte_is_refused_with_its_line(read, refuses):
    with refuses("a.csv', line 2", "NUL byte at offset 1"):
        read("a.csv", b"text\na\0b\n")
