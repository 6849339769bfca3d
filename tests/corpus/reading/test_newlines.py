import io
import os
import tracemalloc

import pytest

from topicgen.corpus.reading import streams
from topicgen.corpus.reading.newlines import universal_newlines, whole_lines
from topicgen.corpus.reading.streams import open_stream, read_chunks


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
@pytest.mark.parametrize("content", [b"", b"one", b"one\n\ntwo\nthree\n", b"\n\n", b"a\n\nb"])
def test_blocks_are_whole_lines_whatever_the_chunks(size, content):
    chunks = [content[i : i + size] for i in range(0, len(content), size)]
    blocks = list(whole_lines(chunks, b"\n", ""))
    assert b"".join(block for _, block in blocks) == content
    assert all(block.endswith(b"\n") for _, block in blocks[:-1])
    before = 0
    for number, block in blocks:
        assert number == content[:before].count(b"\n") + 1
        before += len(block)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
@pytest.mark.parametrize("end", ["\r", "\r\n", "\r\r\n"])
@pytest.mark.parametrize("kind", [str, bytes])
def test_line_ends_of_every_system_are_one_whatever_the_chunks(size, end, kind):
    content = f"one{end}two{end}{end}three{end}" + "\x85\u2028\x0b\x0c"
    expected = content.replace(end, "\n")
    newline = "\n"
    if kind is bytes:
        content, expected, newline = content.encode(), expected.encode(), b"\n"
    chunks = [content[i : i + size] for i in range(0, len(content), size)]
    assert kind().join(universal_newlines(chunks, newline)) == expected
    assert kind().join(block for _, block in whole_lines(chunks, newline, "")) == expected


def test_carriage_returns_without_end_are_not_held_back():
    chunks = list(universal_newlines([b"\r" * 1000] * 3, b"\n"))
    assert b"".join(chunks) == b"\n" * 3000
    assert len(chunks) >= 3


def test_line_at_the_limit_passes_and_a_longer_one_is_refused(monkeypatch, refuses):
    monkeypatch.setattr(streams, "MAX_DOCUMENT_BYTES", 1000)
    stream = io.BytesIO(b"x" * 999 + b"\n" + b"y" * 50_000)
    blocks = whole_lines(read_chunks(stream), b"\n", "'corpus.txt'")
    assert next(blocks) == (1, b"x" * 999 + b"\n")
    with refuses("at most 1,000 bytes", "'corpus.txt', line 2", "split it into documents"):
        next(blocks)
    assert stream.tell() <= 3000


def test_line_that_ends_behind_the_limit_is_refused(monkeypatch, refuses):
    monkeypatch.setattr(streams, "MAX_DOCUMENT_BYTES", 10)
    with refuses("'corpus.txt', line 3"):
        chunks = read_chunks(io.BytesIO(b"one\n\nelevenbytes\nmore\n"))
        list(whole_lines(chunks, b"\n", "'corpus.txt'"))


def test_a_line_of_200_mb_is_refused_in_bounded_memory(tmp_path, refuses):
    path = tmp_path / "corpus.txt"
    path.touch()
    os.truncate(path, 200_000_000)
    tracemalloc.start()
    with refuses("67,108,864", "line 1"), open_stream(path) as stream:
        next(whole_lines(read_chunks(stream), b"\n", repr(str(path))))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2.5 * streams.MAX_DOCUMENT_BYTES
