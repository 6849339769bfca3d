import bz2
import gzip
import io
import lzma
import os
import tracemalloc

import pyarrow
import pytest

from topicgen.corpus.reading import streams
from topicgen.corpus.reading.streams import (
    Meter,
    format_suffix,
    open_stream,
    read_chunks,
    universal_newlines,
    whole_lines,
)


def zstd(content):
    sink = pyarrow.BufferOutputStream()
    with pyarrow.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(content)
    return sink.getvalue().to_pybytes()


COMPRESSORS = {".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress, ".zst": zstd}


@pytest.fixture(params=COMPRESSORS)
def compressed(request, tmp_path):
    path = tmp_path / f"corpus.txt{request.param}"
    path.write_bytes(COMPRESSORS[request.param](os.urandom(5000) + b"\nlast\n"))
    return path


def test_decompresses_by_suffix(compressed):
    with open_stream(compressed) as stream:
        assert stream.read().endswith(b"\nlast\n")


def test_truncated_data_are_refused(compressed, refuses):
    compressed.write_bytes(compressed.read_bytes()[:-100])
    with (
        refuses(
            "damaged, cut short", repr(str(compressed)), "damaged, cut short", "fetch it again"
        ),
        open_stream(compressed) as stream,
    ):
        stream.read()


def test_corrupt_data_are_refused(compressed, refuses):
    content = bytearray(compressed.read_bytes())
    # Zstandard's frames carry no checksum here: only what is not a frame shows.
    where = 5 if compressed.suffix == ".zst" else len(content) // 2
    content[where : where + 9] = b"\xff" * 9
    compressed.write_bytes(content)
    with (
        refuses(repr(str(compressed)), "damaged, cut short"),
        open_stream(compressed) as stream,
    ):
        stream.read()


def test_plain_text_named_as_compressed_is_refused(compressed, refuses):
    compressed.write_bytes(b"plain words\n" * 100)
    with refuses("rename it if it is not compressed"), open_stream(compressed) as stream:
        stream.read()


def test_standard_input(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"one\n")))
    with open_stream("-") as stream:
        assert stream.read() == b"one\n"


def test_closed_standard_input_is_refused(monkeypatch, refuses):
    monkeypatch.setattr("sys.stdin", None)
    with refuses("standard input", "is closed", "pipe"), open_stream("-"):
        pass


def test_missing_path_is_refused(tmp_path, refuses):
    path = tmp_path / "no\nsuch.txt"
    with refuses(repr(str(path)), "does not exist", "check the path"), open_stream(path):
        pass


def test_unreadable_path_is_refused(tmp_path, monkeypatch, refuses):
    # Not with chmod: the tests may run as root, whom nothing stops.
    def deny(*args):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", deny)
    path = tmp_path / "secret.txt"
    with refuses(repr(str(path)), "Permission denied", "permissions"), open_stream(path):
        pass


def test_path_through_a_file_is_refused(tmp_path, refuses):
    (tmp_path / "file").touch()
    with refuses("Not a directory"), open_stream(tmp_path / "file" / "below"):
        pass


def test_an_error_of_the_caller_passes_through(tmp_path):
    path = tmp_path / "corpus.txt"
    path.touch()
    with pytest.raises(KeyError), open_stream(path):
        raise KeyError


def test_format_suffix_ignores_case_and_compression():
    assert format_suffix("a/news.TSV.Gz") == ".tsv"
    assert format_suffix("a.csv/news") == ""


def test_an_empty_compressed_file_is_empty(tmp_path):
    path = tmp_path / "corpus.zst"
    path.write_bytes(zstd(b""))
    with open_stream(path) as stream:
        assert list(read_chunks(stream)) == []


def test_meter_counts_the_bytes_of_the_file(compressed):
    told = []
    meter = Meter(told.append)
    with open_stream(compressed, meter) as stream:
        assert b"".join(read_chunks(stream)).endswith(b"\nlast\n")
    meter.flush()
    meter.flush()
    assert told == [compressed.stat().st_size]


def test_meter_tells_about_every_megabyte(tmp_path):
    path = tmp_path / "corpus.txt"
    path.write_bytes(b"x" * 3_500_000)
    told = []
    meter = Meter(told.append)
    with open_stream(path, meter) as stream:
        for _ in read_chunks(stream):
            pass
    meter.flush()
    assert sum(told) == 3_500_000
    assert len(told) == 4
    assert min(told[:-1]) >= 1_000_000


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


def test_what_is_there_comes_through_at_once():
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as stream, os.fdopen(writing, "wb", buffering=0) as other:
        chunks = read_chunks(stream)
        other.write(b"typed\n")
        assert next(chunks) == b"typed\n"


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
