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


def n_lines(content):
    """Count lines by the plain rules: line ends of any system, and what is after the last."""
    text = content.replace(b"\r\r\n", b"\n").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return text.count(b"\n") + (text != b"" and not text.endswith(b"\n"))


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
        with_lines = [content for content in contents if content]
        assert all(content.endswith(b"\n") for content in with_lines[:-1])
        # The number of each line is what documents are called by.
        assert [one.n_lines for one in looks] == list(map(n_lines, contents))
        starts = [span.line for span in numbered(spans, looks)]
        assert starts == [1 + n_lines(b"".join(with_lines[:n])) for n in range(len(with_lines))]


@pytest.mark.parametrize(
    ("data", "is_plain"),
    [
        (b"rain\nsnow\n", True),
        ("\ufeffrain\nsnow".encode(), True),
        ("rain\n\ufeffsnow".encode(), False),  # whose mark would be taken for that of a file
        (b"rain\n%PDF-1\nsnow", False),
        (b"%PDF-1\n", False),
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
    path.write_bytes(b"012345678\n" + b"0123456789\n")
    spans = cut(path.stat().st_size, 10)
    assert [look(str(path), span).is_plain for span in spans] == [True, False, True]


def test_spans_without_lines_are_no_parts():
    spans = cut(40, 10)
    looks = [Look(1, True), Look(0, True), Look(0, True), Look(2, True)]
    assert [(span.start, span.line) for span in numbered(spans, looks)] == [(0, 1), (30, 2)]
