import bz2
import gzip
import io
import lzma
import os

import pyarrow
import pytest

from topicgen.corpus.reading import streams
from topicgen.corpus.reading.streams import (
    Meter,
    format_suffix,
    open_stream,
    read_chunks,
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


def test_what_is_there_comes_through_at_once():
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as stream, os.fdopen(writing, "wb", buffering=0) as other:
        chunks = read_chunks(stream)
        other.write(b"typed\n")
        assert next(chunks) == b"typed\n"


def test_a_file_that_is_none_is_refused_at_once(tmp_path, refuses):
    (folder := tmp_path / "folder").mkdir()
    os.mkfifo(pipe := tmp_path / "pipe")
    for path, kind in ((folder, "a folder"), (pipe, "a pipe"), ("/dev/zero", "a device")):
        refusal = refuses(f"expected a file, got {str(path)!r}, which is {kind}")
        with refusal, streams.open_file(path):
            pass
    with refuses("does not exist"), streams.open_file(tmp_path / "none"):
        pass
    (path := tmp_path / "a.txt").write_bytes(b"text")
    with streams.open_file(path) as stream:
        assert stream.read() == b"text"
    assert streams.check_is_file(path) == 4
