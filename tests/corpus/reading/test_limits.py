import gzip
import lzma
import os

import fsspec
import pytest

from topicgen.corpus import Document, read_documents
from topicgen.corpus.reading import limits


def test_as_many_documents_as_there_are_bytes_beyond_a_million(refuses):
    limits.check_documents(10**6 + 20, 20, "'a.ldac'")
    with refuses("at most 1,000,020 documents in the 20 bytes of 'a.ldac'", "got 1,000,021"):
        limits.check_documents(10**6 + 21, 20, "'a.ldac'")


def test_text_may_be_compressed_well_but_not_beyond_measure(refuses):
    limits.check_expansion(1000 + 250 * 4, 4, "'a.gz'", free=1000)
    with refuses("at most 250 bytes", "got 2,001 from 4 in 'a.gz', column x"):
        limits.check_expansion(2001, 4, "'a.gz'", free=1000, where=", column x")


@pytest.mark.parametrize("compress", [gzip.compress, lzma.compress])
@pytest.mark.parametrize("content", [b"\n", b"a\n"])
def test_tiny_files_of_line_breaks_are_refused(tmp_path, refuses, compress, content, monkeypatch):
    monkeypatch.setattr(limits, "FREE_DOCUMENTS", 1000)
    path = tmp_path / ("a.txt.gz" if compress is gzip.compress else "a.txt.xz")
    path.write_bytes(compress(content * 10**5))
    with refuses("at most", "documents in the", str(path)):
        list(read_documents(path))
    (plain := tmp_path / "a.txt").write_bytes(b"a" + content * 10**5)
    assert sum(1 for _ in read_documents(plain)) == 10**5


def test_tables_that_repeat_a_row_are_refused(tmp_path, refuses, monkeypatch):
    monkeypatch.setattr(limits, "FREE_DOCUMENTS", 1000)
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress(b'{"text": "a"}\n' * 10**5))
    with refuses("at most", "documents in the", str(path)):
        list(read_documents(path))


def test_more_text_than_can_be_compressed_is_refused(tmp_path, refuses, monkeypatch):
    monkeypatch.setattr(limits, "FREE_BYTES", 10**6)
    path = tmp_path / "a.txt.gz"
    path.write_bytes(gzip.compress(b"a long line of text\n" * 10**6))
    with refuses("at most 250 bytes from each compressed byte", str(path)):
        list(read_documents(path))


def test_documents_pass_within_the_limits(tmp_path):
    path = tmp_path / "a.gz"
    path.write_bytes(b"x")
    documents = [Document("a", "1"), Document("b", "2")]
    assert list(limits.explained_documents(documents, path)) == documents


@pytest.mark.parametrize("name", ["a.txt.gz", "a.csv.gz"])
def test_what_is_compressed_in_a_store_has_the_same_limits(refuses, monkeypatch, name):
    monkeypatch.setattr(limits, "FREE_DOCUMENTS", 100)
    store = f"memory://{os.urandom(4).hex()}/"
    with fsspec.open(store + name, "wb") as file:
        file.write(gzip.compress(b"text\n" + b"".join(b"%d\n" % n for n in range(150))))
    assert len(list(read_documents(store + name, column="text" if ".csv" in name else None))) >= 150
    with fsspec.open(store + "b" + name, "wb") as file:
        file.write(gzip.compress(b"text\n" + b"a\n" * 10**5))
    with refuses("documents in the", f"bytes of '{store}b{name}'"):
        list(read_documents(f"{store}b{name}", column="text" if ".csv" in name else None))
