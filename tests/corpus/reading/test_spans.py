import random

import pytest

from topicgen.corpus.reading.spans import Look, cut, look, numbered, open_span


def lines_of(path, span_bytes):
    """Return the bytes of all spans, and their looks."""
    spans = cut(path.stat().st_size, span_bytes)
    looks = [look(str(path), span) for span in spans]
    contents = []
    for span in spans:
        with open_span(str(path), span) as stream:
            contents.append(stream.read())
    return spans, looks, contents


@pytest.mark.parametrize("span_bytes", [1, 2, 3, 7, 20, 1000])
def test_spans_have_each_line_once_and_whole(tmp_path, span_bytes):
    chance = random.Random(span_bytes)
    pieces = ["\n", "\r\n", "\r\r\n", "\r", "rain", "é", "雨", " "]
    for number in range(50):
        path = tmp_path / f"{number}.txt"
        text = "".join(chance.choices(pieces, k=chance.randrange(1, 40)))
        path.write_bytes(text.encode())
        spans, looks, contents = lines_of(path, span_bytes)
        assert b"".join(contents).decode() == text
        assert (
            all(content.endswith(b"\n") for content in contents[:-1] if content)
            or sum(map(bool, contents)) == 1
            or text[-1] != "\n"
        )
        # What each line is numbered by.
        whole = text.replace("\r\r\n", "\n").replace("\r\n", "\n").replace("\r", "\n")
        if whole.replace("\r", "\n").endswith("\n"):
            whole = whole[:-1]
        assert sum(one.n_lines for one in looks) == whole.count("\n") + 1
        before = 0
        for span, content in zip(spans, contents, strict=True):
            of_span = [one for one in numbered(spans, looks) if one.start == span.start]
            if content:
                assert of_span[0].line == before + 1
            before += looks[spans.index(span)].n_lines


@pytest.mark.parametrize(
    ("data", "is_plain"),
    [
        (b"rain\nsnow\n", True),
        ("\ufeffrain\nsnow".encode(), True),
        ("rain\n\ufeffsnow".encode(), False),  # whose mark would be taken for that of a file
        (b"rain\n%PDF\nsnow", False),
        (b"%PDF\n", False),
        (b"rain\0\n", False),
        (b"\x1b$B\n", False),
        (b"caf\xe9\n", False),
        (b"caf\xc3", False),
        ("rain\n".encode("utf-16"), False),
        (b"", True),
    ],
)
def test_only_what_needs_no_thought_is_plain(tmp_path, data, is_plain):
    path = tmp_path / "a.txt"
    path.write_bytes(data)
    _, looks, _ = lines_of(path, 5)
    assert all(one.is_plain for one in looks) == is_plain


def test_a_document_too_long_is_left_to_the_reader_of_the_whole(tmp_path, monkeypatch):
    monkeypatch.setattr("topicgen.corpus.reading.streams.MAX_DOCUMENT_BYTES", 10)
    path = tmp_path / "a.txt"
    path.write_bytes(b"0123456789\n" + b"0123456789a\n")
    spans = cut(path.stat().st_size, 11)
    assert [look(str(path), span) for span in spans][0].is_plain
    assert not [look(str(path), span) for span in spans][1].is_plain


def test_spans_without_lines_are_no_parts():
    spans = cut(40, 10)
    looks = [Look(1, True), Look(0, True), Look(0, True), Look(2, True)]
    assert [(span.start, span.line) for span in numbered(spans, looks)] == [(0, 1), (30, 2)]
