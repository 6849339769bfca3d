import bz2
import gzip
import io
import lzma
import os
import tracemalloc

import pytest

from topicgen.corpus import streams
from topicgen.corpus.streams import format_suffix, open_stream, read_lines

COMPRESSORS = {".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress}


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
        refuses("compressed data", repr(str(compressed)), "damaged or cut short", "fetch it again"),
        open_stream(compressed) as stream,
    ):
        stream.read()


def test_corrupt_data_are_refused(compressed, refuses):
    content = bytearray(compressed.read_bytes())
    content[len(content) // 2] ^= 0xFF
    compressed.write_bytes(content)
    with (
        refuses(repr(str(compressed)), "damaged or cut short"),
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
    with refuses("standard input", "got a closed one", "pipe"), open_stream("-"):
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


def test_line_at_the_limit_passes_and_a_longer_one_is_refused(monkeypatch, refuses):
    monkeypatch.setattr(streams, "MAX_DOCUMENT_BYTES", 1000)
    stream = io.BytesIO(b"x" * 999 + b"\n" + b"y" * 5000)
    lines = read_lines(stream, "'corpus.txt'")
    assert len(next(lines)) == 1000
    with refuses("at most 1,000 bytes", "'corpus.txt', line 2", "split it into documents"):
        next(lines)
    assert stream.tell() == 1000 + 1001


def test_a_line_of_200_mb_is_refused_in_bounded_memory(tmp_path, refuses):
    path = tmp_path / "corpus.txt"
    path.touch()
    os.truncate(path, 200_000_000)
    tracemalloc.start()
    with refuses("67,108,864", "line 1"), open_stream(path) as stream:
        next(read_lines(stream, repr(str(path))))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2.5 * streams.MAX_DOCUMENT_BYTES
