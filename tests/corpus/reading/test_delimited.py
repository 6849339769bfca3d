import csv

import pytest

from topicgen.corpus.reading import streams
from topicgen.corpus.reading.delimited import parse_csv, parse_tsv
from topicgen.corpus.reading.dialects import Layout
from topicgen.errors import InputError


def lines(text):
    return iter(text.splitlines(keepends=True))


def fields(records):
    return [record.fields for record in records]


def test_csv_with_quoted_newlines_commas_and_quotes():
    text = 'id,text\r\n1,"a, ""b""\r\n\r\nc"\r\n\r\n2,d'
    records = list(parse_csv(lines(text), "'x.csv'"))
    assert fields(records) == [{"id": "1", "text": 'a, "b"\r\n\r\nc'}, {"id": "2", "text": "d"}]
    assert [(record.number, record.line) for record in records] == [(1, 2), (2, 6)]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_delimiter_is_the_headers(delimiter):
    text = f"id{delimiter} text\n1{delimiter}word\n"
    assert fields(parse_csv(lines(text), "")) == [{"id": "1", "text": "word"}]


def test_tsv_keeps_commas():
    assert fields(parse_tsv(lines("id\ttext\n1\ta, b; c\n"), "")) == [
        {"id": "1", "text": "a, b; c"}
    ]


def test_csv_field_may_be_long_and_the_limit_of_the_process_stays():
    limit = csv.field_size_limit()
    records = parse_csv(lines("text\n" + "x" * 200_000 + "\n"), "")
    assert len(next(records).fields["text"]) == 200_000
    assert csv.field_size_limit() == limit


def test_csv_field_above_the_limit_is_refused(monkeypatch, refuses):
    monkeypatch.setattr(streams, "MAX_DOCUMENT_BYTES", 10)
    limit = csv.field_size_limit()
    with refuses("'x.csv', line 2", "field larger than field limit (10)"):
        list(parse_csv(lines("text\n" + "x" * 11), "'x.csv'"))
    assert csv.field_size_limit() == limit


def test_csv_unclosed_quote_is_refused_where_its_row_begins(refuses):
    with refuses("'x.csv', line 3", "malformed", "close its quotes"):
        list(parse_csv(lines('text\nfine\n"open\nmore\n'), "'x.csv'"))


def test_csv_row_of_another_length_is_refused(refuses):
    with refuses("2 fields, as in the header", "got 3", "'x.csv', line 2", "quote the fields"):
        list(parse_csv(lines("id,text\n1,a,b\n"), "'x.csv'"))


def test_csv_header_that_repeats_a_name_is_refused(refuses):
    with refuses("distinct column names", "'text' more than once", "'x.csv', line 1", "rename"):
        list(parse_csv(lines("text,id, text\na,1,b\n"), "'x.csv'"))
    assert fields(parse_csv(lines("text,,\na,,\n"), "")) == [{"text": "a", "": ""}]


@pytest.mark.parametrize("text", ["", "text\n", "\n\n"])
@pytest.mark.parametrize("parse", [parse_csv, parse_tsv])
def test_table_without_rows_has_no_records(parse, text):
    assert list(parse(lines(text), "")) == []


def read(parse, text, wanted=("text",), **layout):
    return fields(parse(lines(text), "'x.csv'", Layout(**layout), wanted))


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_csv_delimiter_is_the_one_in_which_rows_are_as_long_as_the_header(delimiter):
    text = f"id{delimiter}text\n1{delimiter}one\n2{delimiter}two\n"
    assert read(parse_csv, text)[1] == {"id": "2", "text": "two"}


def test_csv_delimiter_is_seen_through_others_in_the_header_and_the_rows():
    for text in ("id;text;a, b\n1;one, two;3\n", "id|text|a;b,c\n1|one, two; three|3\n"):
        assert read(parse_csv, text)[0]["text"].startswith("one, two")
    # Where both fit, the wanted column decides.
    text = "id;text, long\n1;one, two\n"
    assert read(parse_csv, text, ["text, long"]) == [{"id": "1", "text, long": "one, two"}]
    assert read(parse_csv, "text;a, b\n1;x, y\n", ["text"]) == [{"text": "1", "a, b": "x, y"}]


def test_csv_of_one_column_keeps_other_delimiters():
    assert read(parse_csv, "text\none; two | three\n") == [{"text": "one; two | three"}]


@pytest.mark.parametrize("first", ["sep=;\n", "SEP=;\n", '"sep=;"\n'])
def test_csv_first_line_may_name_the_delimiter(refuses, first):
    records = list(parse_csv(lines(first + "id;text\n1;one, two\n"), "'x.csv'"))
    assert [tuple(record) for record in records] == [({"id": "1", "text": "one, two"}, 1, 3)]
    with refuses("2 fields", "got 3", "line 3"):
        list(parse_csv(lines(first + "id;text\n1;one;two\n"), "'x.csv'"))


@pytest.mark.parametrize("delimiter", [",", ";", "|"])
def test_csv_space_before_a_quote(delimiter):
    text = f'id{delimiter} text\n1{delimiter} "one{delimiter} two"\n2{delimiter} three\n'
    assert read(parse_csv, text) == [
        {"id": "1", "text": f"one{delimiter} two"},
        {"id": "2", "text": "three"},
    ]


def test_csv_space_before_a_quote_that_is_plain():
    assert read(parse_csv, 'id,text\n1, "one" two\n') == [{"id": "1", "text": ' "one" two'}]
    assert read(parse_csv, 'id,text\n1,"a, ""b"""\n') == [{"id": "1", "text": 'a, "b"'}]


def test_csv_space_before_a_quote_is_named_where_the_first_rows_do_not_show_it(refuses):
    text = "id,text\n" + "1,one\n" * 1000 + '2, "one, two"\n'
    with refuses("got 3", "line 1002", "remove the spaces before the quotes"):
        read(parse_csv, text)


def test_csv_backslash_before_a_quote():
    text = 'id,text\n1,"he said \\"one, two\\" now"\n2,"three"\n'
    assert [row["text"] for row in read(parse_csv, text)] == ['he said "one, two" now', "three"]
    assert read(parse_csv, text, escape="\\") == read(parse_csv, text)
    # No escape: a path that ends in a backslash.
    assert read(parse_csv, 'id,text\n1,"C:\\"\n') == [{"id": "1", "text": "C:\\"}]


def test_csv_backslash_is_named_where_the_first_rows_do_not_show_it(refuses):
    text = "id,text\n" + "1,one\n" * 1000 + '2,"a \\"b\\" c"\n'
    with refuses("malformed", "line 1002", "--escape '\\'"):
        read(parse_csv, text)
    assert read(parse_csv, text, escape="\\")[-1]["text"] == 'a "b" c'


def test_csv_delimiter_at_the_end_of_the_rows_is_named(refuses):
    with refuses("got 3", "line 2", "remove the ',' at the end of the rows"):
        read(parse_csv, "id,text\n1,one,\n2,two,\n")
    assert read(parse_csv, "id,text,\n1,one,\n")[0]["text"] == "one"


def test_csv_row_that_is_too_short_is_refused(refuses):
    with refuses("3 fields", "got 2", "line 2", "add the missing fields"):
        read(parse_csv, "id,text,n\n1,one\n")


def test_named_dialect():
    assert read(parse_csv, "id^text\n1^'a^b'\n", delimiter="^", quote="'") == [
        {"id": "1", "text": "a^b"}
    ]
    assert read(parse_csv, 'id,text\n1,"a\n', quote="none") == [{"id": "1", "text": '"a'}]
    assert read(parse_csv, "id\ttext\n1\ta,b\n", delimiter="TAB") == [{"id": "1", "text": "a,b"}]
    assert read(parse_tsv, "id;text\n1;a\n", delimiter=";") == [{"id": "1", "text": "a"}]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_without_a_header_columns_are_numbered(delimiter):
    text = f"one{delimiter}two\nthree{delimiter}four\n"
    assert read(parse_csv, text, ["2"], header=False) == [
        {"1": "one", "2": "two"},
        {"1": "three", "2": "four"},
    ]
    records = parse_csv(lines(text), "", Layout(header=False))
    assert [(record.number, record.line) for record in records] == [(1, 1), (2, 2)]


def test_without_a_header_rows_are_as_long_as_the_first(refuses):
    with refuses("2 fields, as in the first row, got 1", "'x.csv', line 2"):
        read(parse_csv, "a,b\nc\n", header=False, delimiter=",")


def test_tsv_quotes_are_plain_where_every_line_is_a_row():
    text = 'id\ttext\n1\t"one is first\n2\ttwo"\n3\t"three" and four\n4\t"a ""b"" c"\n5\t"\n'
    assert [row["text"] for row in read(parse_tsv, text)] == [
        '"one is first',
        'two"',
        '"three" and four',
        'a "b" c',
        '"',
    ]


def test_tsv_of_one_column_may_hold_plain_quotes():
    assert read(parse_tsv, 'text\n"one is first\ntwo\n') == [
        {"text": '"one is first'},
        {"text": "two"},
    ]


def test_tsv_quoted_fields_may_have_several_lines():
    text = 'id\ttext\n1\t"one\ntwo"\n2\t""\n3\tfour\n'
    assert [row["text"] for row in read(parse_tsv, text)] == ["one\ntwo", "", "four"]


def test_tsv_quotes_are_named_where_the_first_rows_do_not_show_them(refuses):
    text = "id\ttext\n" + "1\tone\n" * 1000 + '2\t"a\nb"\n'
    with refuses("got 1", "line 1003", "--quote"):
        read(parse_tsv, text)
    assert read(parse_tsv, text, quote='"')[-1]["text"] == "a\nb"


def test_a_hundred_thousand_columns_are_read_in_no_time():
    names = [f"c{number}" for number in range(100_000)]
    lines = [",".join(names) + "\n", ",".join("x" * 100_000) + "\n"]
    [record] = parse_csv(iter(lines), "'a.csv'", wanted=["c7"])
    assert record.fields["c7"] == "x"
    lines[0] = lines[0].replace("c99999", "c0")
    with pytest.raises(InputError, match="got 'c0' more than once"):
        list(parse_csv(iter(lines), "'a.csv'", wanted=["c7"]))


def test_rows_of_nothing_but_delimiters_are_refused(refuses):
    lines = iter(["text\n", "," * (2**20 + 1) + "\n"])
    with refuses("at most 1,048,576 fields in a row", "'a.csv', line 2"):
        list(parse_csv(lines, "'a.csv'"))
