import errno
import importlib.util
import itertools
import os
import subprocess
import sys
from functools import partial

import pytest
from campaigns.killing import killed_at

from topicgen.corpus import Corpus
from topicgen.corpus.formats import read_corpus, registry, write_corpus


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
    with refuses("a.ldac' already exists", "--overwrite"):
        write_corpus(corpus, tmp_path / "a.ldac")
    assert content(tmp_path) == {"a.ldac": b"mine"}


@pytest.mark.parametrize("suffix", [".vocab", ".ids", ".labels"])
def test_what_exists_beside_is_refused_and_left_alone(tmp_path, plain, refuses, suffix):
    (tmp_path / f"a.ldac{suffix}").write_text("mine")
    with refuses(f"a.ldac{suffix}' already exists"):
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


@pytest.mark.parametrize("form", ["topicgen", "octis", "topmost", "gensim"])
def test_overwrite_of_another_folder_is_refused(tmp_path, corpus, refuses, form):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.txt").write_text("dear")
    with refuses(f"thesis' exists and holds no {form} corpus", "never overwritten"):
        write_corpus(corpus, tmp_path / "thesis", form, overwrite=True)
    assert names(tmp_path / "thesis") == ["chapter.txt"]


def test_overwrite_of_a_folder_by_a_file_is_refused(tmp_path, corpus, refuses):
    (tmp_path / "a.ldac").mkdir()
    with refuses("a.ldac' is a folder, not a file"):
        write_corpus(corpus, tmp_path / "a.ldac", overwrite=True)
    assert names(tmp_path) == ["a.ldac"]


def test_missing_parent_is_refused(tmp_path, corpus, refuses):
    with refuses(repr(str(tmp_path / "none")), "does not exist", "create it"):
        write_corpus(corpus, tmp_path / "none" / "a.ldac")


@pytest.mark.parametrize("name", ["a.ldac", "a.npz", "a.mm"])
def test_full_disk_leaves_nothing_behind(tmp_path, corpus, refuses, full_disk, name):
    with refuses("cannot write", name, os.strerror(errno.ENOSPC), "nothing was changed"):
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
        assert "nothing was changed" in str(error), error
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
    with refuses("nothing was changed"):
        write_corpus(corpus, tmp_path / "a.ldac", overwrite=True)
    assert content(tmp_path) == before


def test_relative_paths(tmp_path, corpus, monkeypatch, assert_same):
    monkeypatch.chdir(tmp_path)
    write_corpus(corpus, "a.ldac")
    assert_same(read_corpus("a.ldac"), corpus)
    write_corpus(corpus, "o", "octis")
    monkeypatch.chdir(tmp_path / "o")
    assert_same(read_corpus("."), corpus)


@pytest.mark.parametrize(("old", "new"), [("a.mm", "a.dict.txt"), ("a.dict.txt", "a.mm")])
def test_either_of_two_files_stands_for_both(
    tmp_path, corpus, plain, refuses, assert_same, old, new
):
    write_corpus(corpus, tmp_path / old)
    with refuses("already exists"):
        write_corpus(plain, tmp_path / new)
    write_corpus(plain, tmp_path / new, overwrite=True)
    assert names(tmp_path) == ["a.dict.txt", "a.mm"]
    assert_same(read_corpus(tmp_path / new), plain)


def test_the_vocabulary_of_uci_is_never_replaced_unasked(tmp_path, plain, refuses):
    (tmp_path / "vocab.a.txt").write_text("mine")
    with refuses("vocab.a.txt' already exists"):
        write_corpus(plain, tmp_path / "docword.a.txt")
    assert content(tmp_path) == {"vocab.a.txt": b"mine"}


@pytest.mark.parametrize("name", ["a.ldac", "a.npz", "a.mm", "docword.a.txt", "o"])
def test_all_files_can_be_read_by_whom_the_umask_allows(tmp_path, corpus, name):
    write_corpus(corpus, tmp_path / name, "octis" if name == "o" else None)
    usual = tmp_path / "usual"
    usual.touch()
    for path in tmp_path.rglob("*"):
        assert path.is_dir() or path.stat().st_mode == usual.stat().st_mode, path


def test_metadata_that_have_no_place_are_said_to_be_left_out(tmp_path):
    corpus = Corpus([[1]], ["bank"], ["a"], metadata={"party": ["Con"], "n": [1]})
    with pytest.warns(UserWarning, match=r"\(party, n\) cannot be stored in the format ldac"):
        write_corpus(corpus, tmp_path / "a.ldac")
    write_corpus(corpus, tmp_path / "c", "topicgen")
    assert Corpus.open(tmp_path / "c").metadata["party"].tolist() == ["Con"]


@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize("path", [".", ".."])
def test_the_current_folder_is_no_file(tmp_path, monkeypatch, corpus, refuses, path, overwrite):
    monkeypatch.chdir(tmp_path)
    with refuses("is a folder, not a file"):
        write_corpus(corpus, path, "ldac", overwrite=overwrite)


def test_a_corpus_that_is_replaced_while_it_is_read_is_not_mixed(
    tmp_path, corpus, refuses, monkeypatch
):
    path = tmp_path / "a.ldac"
    write_corpus(corpus, path)
    form = registry.FORMATS["ldac"]

    def read(path):
        write_corpus(corpus, path, overwrite=True)
        return form.read(path)

    monkeypatch.setitem(registry.FORMATS, "ldac", form._replace(read=read))
    with refuses("a.ldac' was replaced while it was read; read it again"):
        read_corpus(path)


def test_a_corpus_whose_program_was_killed_in_its_swap_is_restored_when_it_is_read(
    tmp_path, corpus, assert_same
):
    for event in itertools.count():
        path = tmp_path / str(event) / "a.ldac"
        path.parent.mkdir()
        write_corpus(corpus, path)
        before = names(path.parent)
        writing = partial(write_corpus, corpus[:1], path, overwrite=True)
        assert killed_at(event, path.parent, writing)
        if not path.exists():
            break
    assert_same(read_corpus(path), corpus)
    assert names(path.parent) == before
