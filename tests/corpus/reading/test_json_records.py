import json

import pytest

from topicgen.corpus.reading import streams
from topicgen.corpus.reading.json_records import parse_json, parse_json_lines


def lines(text):
    return iter(text.splitlines(keepends=True))


def fields(records):
    return [record.fields for record in records]


def test_json_lines_count_blank_lines():
    records = list(parse_json_lines(lines('{"text": "a"}\n\n{"text": "b", "n": 1}\n'), ""))
    assert fields(records) == [{"text": "a"}, {"text": "b", "n": 1}]
    assert [record.line for record in records] == [1, 3]


def test_json_lines_may_each_begin_with_a_byte_order_mark():
    text = '\ufeff{"text": "a"}\n\ufeff\n\ufeff{"text": "b"}\n'
    assert fields(parse_json_lines(lines(text), "")) == [{"text": "a"}, {"text": "b"}]


@pytest.mark.parametrize("parse", [parse_json, parse_json_lines])
def test_surrogates_that_are_alone_are_replaced(parse):
    text = r'{"text": "a \ud83d\ude00 \uD83D b", "\ud83d": ["\udfff", {"x": "\ude00"}]}'
    expected = {"text": "a \U0001f600 \ufffd b", "\ufffd": ["\ufffd", {"x": "\ufffd"}]}
    assert fields(parse(lines(text + "\n"), "")) == [expected]


def test_json_objects_on_one_line_are_refused_with_the_right_name(refuses):
    with refuses("line 1", "Extra data", "end its name in .json, or correct the line"):
        list(parse_json_lines(lines('{"text": "a"}{"text": "b"}\n'), "'x.jsonl'"))


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


def read(text):
    return fields(parse_json(lines(text), "'x.json'"))


ROWS = [{"text": "a\nb", "l": "x"}, {"text": "c", "l": None}]


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize(
    "value",
    [
        ROWS,
        {"text": ["a\nb", "c"], "l": ["x", None]},
        {"text": {"0": "a\nb", "1": "c"}, "l": {"0": "x", "1": None}},
        {"columns": ["text", "l"], "index": [0, 1], "data": [["a\nb", "x"], ["c", None]]},
        {"data": ROWS},
        {"schema": {"fields": ["text"]}, "version": 1, "tags": ["t"], "data": ROWS},
    ],
)
def test_json_of_every_shape(value, indent, monkeypatch):
    for size in (8, 2**18):
        monkeypatch.setattr(streams, "BLOCK_BYTES", size)
        assert read(json.dumps(value, indent=indent)) == ROWS


@pytest.mark.parametrize("between", ["", "\n", "\n\n  "])
@pytest.mark.parametrize("indent", [None, 2])
def test_json_objects_that_follow_each_other(between, indent):
    text = between.join(json.dumps(row, indent=indent) for row in ROWS)
    assert read(text) == ROWS


def test_json_of_a_single_record_and_of_texts():
    assert read('{"text": "a", "tags": ["x", "y"]}') == [{"text": "a", "tags": ["x", "y"]}]
    assert read('["a", "b"]') == [{"text": "a"}, {"text": "b"}]


@pytest.mark.parametrize("text", ["", " \n", "[]", "[ ]\n"])
def test_json_without_records(text):
    assert read(text) == []


def test_json_records_keep_their_lines():
    text = '[\n {"text": "a"},\n\n {"text":\n  "b"}\n]\n'
    records = list(parse_json(lines(text), ""))
    assert [(record.number, record.line) for record in records] == [(1, 2), (2, 4)]


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ('[{"text": "a"},\n]', 2, "a comma before"),
        ('[{"text": "a"}\n {"text": "b"}]', 2, "is missing"),
        ('[{"text": "a"},\n{"text": }]', 2, "Expecting value"),
        ('[{"text": "a"}', 1, "is missing"),
        ('[{"text": "a"}]\n[]', 2, "more than one array"),
        ('{"text": "a"}\n{"text"', 2, "Expecting"),
        ('\n{"text": "a"},\n{"text": "b"}', 2, "Expecting value"),
        ("plain words", 1, "Expecting value"),
        ("[" * 100_000, 1, "too many"),
        (f'[{{"text": "a", "n": {"1" * 5000}}}]', 1, "a number of more than 4,300 digits"),
    ],
)
def test_malformed_json_file_is_refused_with_its_line(refuses, text, line, reason):
    with refuses("expected JSON", "malformed", f"'x.json', line {line} ", reason):
        read(text)


@pytest.mark.parametrize("text", ["[1]", "[[1]]", "3", "null", "[null]"])
def test_json_that_is_no_records_is_refused(refuses, text):
    with refuses("expected JSON objects or strings", "'x.json', line 1", '{"text": "..."}'):
        read(text)


def test_json_element_that_is_too_long_is_refused(refuses, monkeypatch):
    monkeypatch.setattr(streams, "MAX_DOCUMENT_BYTES", 100)
    monkeypatch.setattr(streams, "BLOCK_BYTES", 8)
    text = '[{"text": "a"},\n{"text": "' + "x" * 1000 + '",\n"n": 1,\n"m": 2}\n]'
    with refuses("at most 100 bytes", "'x.json', line 2"):
        read(text)


@pytest.mark.parametrize("text", ['[\n{"text": "a"}\n]', '{\n"text": "a"\n}', '[{"text": "a"}]'])
def test_json_that_is_named_json_lines_is_refused_with_the_right_name(refuses, text):
    with refuses("a JSON object on each line", "line 1", "end its name in .json"):
        list(parse_json_lines(lines(text), "'x.jsonl'"))
