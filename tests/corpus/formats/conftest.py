import os
from pathlib import Path

import pytest

from topicgen.corpus import Corpus


@pytest.fixture
def corpus():
    """Three documents, the second empty, of four words, the last unused; ids and labels."""
    return Corpus(
        counts=[[1, 0, 12, 0], [0, 0, 0, 0], [0, 3, 0, 0]],
        vocabulary=["日本", "bank", "größer", "zzz"],
        ids=["sport/1.txt", "7", "ü"],
        labels=["x", "", "größer"],
    )


@pytest.fixture
def plain(corpus):
    """The same, without ids and labels of its own."""
    return Corpus(corpus.counts, corpus.vocabulary, ["1", "2", "3"])


def _assert_same(found, expected):
    assert found.counts.toarray().tolist() == expected.counts.toarray().tolist()
    assert list(found.vocabulary) == list(expected.vocabulary)
    assert list(found.ids) == list(expected.ids)
    assert found.labels == expected.labels


@pytest.fixture
def assert_same():
    """``assert_same(found, expected)``: the same counts, words, ids and labels."""
    return _assert_same


@pytest.fixture
def make(tmp_path):
    """``make(name="text", ...)``: files of that content; returns the path of the first."""

    def make(**files):
        paths = []
        for name, content in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
            paths.append(path)
        return paths[0]

    return make


@pytest.fixture
def data():
    """The folder of research corpora, where it is."""
    folder = os.environ.get("TOPICGEN_DATA")
    folder = Path(folder) if folder else Path(__file__).parents[4] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("needs the research corpora: set TOPICGEN_DATA to their folder")
    return folder
