import csv

import pytest

from topicgen.corpus.reading import streams
from topicgen.corpus.reading.records import parse_csv, parse_json_lines, parse_tsv


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


def test_json_lines_count_blank_lines():
    records = list(parse_json_lines(lines('{"text": "a"}\n\n{"text": "b", "n": 1}\n'), ""))
    assert fields(records) == [{"text": "a"}, {"text": "b", "n": 1}]
    assert [record.line for record in records] == [1, 3]


@pytest.mark.parametrize("line", ['{"text": "cut', "plain words", "{'text': 'a'}", "[" * 100_000])
def test_malformed_json_is_refused(refuses, line):
    with refuses(
        "a JSON object on each line", "malformed JSON", "'x.jsonl', line 2", "correct the line"
    ):
        list(parse_json_lines(iter(['{"text": "a"}\n', line]), "'x.jsonl'"))


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("null", "null"),
        ("true", "a boolean"),
        ('"a"', "a string"),
        ("[1]", "an array"),
        ("1", "a number"),
        ("0.5", "a number"),
    ],
)
def test_json_of_another_type_is_refused(refuses, value, kind):
    with refuses(
        "a JSON object on each line", f"got {kind}", "'x.jsonl', line 1", '{"text": "..."}'
    ):
        list(parse_json_lines(iter([value]), "'x.jsonl'"))
