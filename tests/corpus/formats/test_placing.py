import errno
import importlib.util
import os
import subprocess
import sys

import pytest

from topicgen.corpus.formats import placing, read_corpus, registry, write_corpus


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def content(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def full_disk(monkeypatch):
    """Writing any form fails halfway."""

    def write(corpus, path):
        path.write_text("half")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    for name, form in list(registry.FORMATS.items()):
        monkeypatch.setitem(registry.FORMATS, name, form._replace(write=write))


def test_what_exists_is_refused_and_left_alone(tmp_path, corpus, refuses):
    (tmp_path / "a.ldac").write_text("mine")
    with refuses("nothing is yet", "a.ldac", "which exists", "overwrite"):
        write_corpus(corpus, tmp_path / "a.ldac")
    assert content(tmp_path) == {"a.ldac": b"mine"}


@pytest.mark.parametrize("suffix", [".vocab", ".ids", ".labels"])
def test_what_exists_beside_is_refused_and_left_alone(tmp_path, plain, refuses, suffix):
    (tmp_path / f"a.ldac{suffix}").write_text("mine")
    with refuses("nothing is yet", f"a.ldac{suffix}"):
        write_corpus(plain, tmp_path / "a.ldac")
    assert content(tmp_path) == {f"a.ldac{suffix}": b"mine"}


def test_overwrite_removes_what_would_be_read_for_the_new(tmp_path, corpus, plain, assert_same):
    write_corpus(corpus, tmp_path / "a.ldac")
    (tmp_path / "other.ldac").write_text("mine")
    write_corpus(plain, tmp_path / "a.ldac", overwrite=True)
    assert names(tmp_path) == ["a.ldac", "a.ldac.vocab", "other.ldac"]
    assert_same(read_corpus(tmp_path / "a.ldac"), plain)


def test_overwrite_of_a_folder_replaces_it_whole(tmp_path, corpus, plain, assert_same):
    write_corpus(corpus, tmp_path / "o", "octis")
    write_corpus(plain, tmp_path / "o", "octis", overwrite=True)
    assert_same(read_corpus(tmp_path / "o"), plain)


@pytest.mark.parametrize("form", ["octis", "topmost", "gensim", "ldac"])
def test_overwrite_of_another_folder_is_refused(tmp_path, corpus, refuses, form):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.txt").write_text("dear")
    with refuses(f"a folder of the form {form} to overwrite", "thesis", "which is none"):
        write_corpus(corpus, tmp_path / "thesis", form, overwrite=True)
    assert names(tmp_path / "thesis") == ["chapter.txt"]


def test_overwrite_of_a_file_by_a_folder_is_refused(tmp_path, corpus, refuses):
    (tmp_path / "o").write_text("mine")
    with refuses("expected a folder to replace", "a file"):
        write_corpus(corpus, tmp_path / "o", "octis", overwrite=True)
    assert content(tmp_path) == {"o": b"mine"}


def test_overwrite_of_a_folder_by_a_file_is_refused(tmp_path, corpus, refuses):
    (tmp_path / "a.ldac").mkdir()
    with refuses("expected a file to replace", "a folder"):
        write_corpus(corpus, tmp_path / "a.ldac", overwrite=True)
    assert names(tmp_path) == ["a.ldac"]


def test_missing_parent_is_refused(tmp_path, corpus, refuses):
    with refuses("a folder to write", repr(str(tmp_path / "none")), "make it first"):
        write_corpus(corpus, tmp_path / "none" / "a.ldac")


def test_parent_that_cannot_be_written_is_refused(tmp_path, corpus, refuses, monkeypatch):
    monkeypatch.setattr(placing.os, "access", lambda *_: False)
    with refuses("cannot be written", "choose another place"):
        write_corpus(corpus, tmp_path / "a.ldac")


@pytest.mark.parametrize("name", ["a.ldac", "a.npz", "a.mm"])
def test_full_disk_leaves_nothing_behind(tmp_path, corpus, refuses, full_disk, name):
    with refuses("to write the corpus to", name, os.strerror(errno.ENOSPC), "make room"):
        write_corpus(corpus, tmp_path / name)
    assert names(tmp_path) == []


FULL = """
import resource, sys
from pathlib import Path
import gensim, numpy
from topicgen.corpus import Corpus
from topicgen.corpus.formats import FORMATS, write_corpus
counts = numpy.random.default_rng(0).poisson(1, (200, 200))
corpus = Corpus(counts, [f"w{i}" for i in range(200)], [f"d{i}" for i in range(200)])
names = ["a.ldac.gz", "docword.a.txt", "a.mtx", "a.feat", "a.mallet.txt", "a.mm", "a.npz"]
names += sys.argv[2:]
resource.setrlimit(resource.RLIMIT_FSIZE, (4000, resource.RLIM_INFINITY))
for name, form in [*((name, None) for name in names), ("o", "octis"), ("t", "topmost")]:
    try:
        write_corpus(corpus, Path(sys.argv[1], name), form)
    except ValueError as error:
        assert "nothing was kept" in str(error), error
        continue
    raise SystemExit(f"{name} was written")
"""


def test_a_system_that_refuses_to_write_more(tmp_path):
    h5ad = ["a.h5ad"] if importlib.util.find_spec("h5py") else []
    run = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path), *h5ad], capture_output=True, text=True
    )
    assert (run.returncode, run.stderr) == (0, "")
    assert names(tmp_path) == []


def test_full_disk_leaves_the_old_one(tmp_path, corpus, refuses, request):
    write_corpus(corpus, tmp_path / "a.ldac")
    before = content(tmp_path)
    request.getfixturevalue("full_disk")
    with refuses("make room"):
        write_corpus(corpus, tmp_path / "a.ldac", overwrite=True)
    assert content(tmp_path) == before


@pytest.mark.parametrize("error", [OSError(errno.EIO, "broken disk"), KeyboardInterrupt()])
@pytest.mark.parametrize("at", range(7))
def test_end_between_the_renames_leaves_the_old_one(
    tmp_path, corpus, plain, monkeypatch, error, at
):
    write_corpus(corpus, tmp_path / "a.ldac")
    before, rename, calls = content(tmp_path), os.rename, []

    def fail_once(source, target):
        calls.append(source)
        if len(calls) == at + 1:
            raise error
        rename(source, target)

    monkeypatch.setattr(placing.os, "rename", fail_once)
    if at == 6:  # four old files and two new ones: this rename is not reached
        write_corpus(plain, tmp_path / "a.ldac", overwrite=True)
        assert len(calls) == 6
        return
    with pytest.raises((type(error), ValueError)):
        write_corpus(plain, tmp_path / "a.ldac", overwrite=True)
    assert content(tmp_path) == before


def test_interrupted_write_leaves_nothing_behind(tmp_path, corpus, monkeypatch):
    def interrupt(corpus, path):
        path.write_text("half")
        raise KeyboardInterrupt

    form = registry.FORMATS["ldac"]._replace(write=interrupt)
    monkeypatch.setitem(registry.FORMATS, "ldac", form)
    with pytest.raises(KeyboardInterrupt):
        write_corpus(corpus, tmp_path / "a.ldac")
    assert names(tmp_path) == []


def test_relative_paths(tmp_path, corpus, monkeypatch, assert_same):
    monkeypatch.chdir(tmp_path)
    write_corpus(corpus, "a.ldac")
    assert_same(read_corpus("a.ldac"), corpus)
    write_corpus(corpus, "o", "octis")
    monkeypatch.chdir(tmp_path / "o")
    assert_same(read_corpus("."), corpus)
