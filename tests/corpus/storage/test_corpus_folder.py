import contextlib
import json
import os
import subprocess
import sys

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from topicgen.corpus import Corpus, Document, Vectorizer, build_corpus
from topicgen.corpus.storage import StoredCorpus, corpus_folder, is_corpus, new_corpus
from topicgen.files.digests import UNKNOWN, with_own_digest

DOCUMENTS = [
    Document("The bank raised the rates.", "a", "money"),
    Document("", "b"),
    Document("Rain, größer rain!", "ü", "weather"),
]


@pytest.fixture
def folder(tmp_path):
    build_corpus(DOCUMENTS, Vectorizer(stop_words=None), tmp_path / "corpus")
    return tmp_path / "corpus"


def test_a_corpus_comes_back_whole(folder):
    corpus = Corpus.open(folder)
    expected = Corpus.from_documents(DOCUMENTS, Vectorizer(stop_words=None))
    np.testing.assert_array_equal(corpus.counts.toarray(), expected.counts.toarray())
    assert corpus.vocabulary == expected.vocabulary
    assert corpus.ids == ["a", "b", "ü"]
    assert corpus.labels == ["money", "", "weather"]
    assert corpus.found == expected.found
    assert corpus.found["tokens"] == 8
    assert corpus.vectorizer.to_config() == expected.vectorizer.to_config()
    assert repr(corpus) == "Corpus(3 documents, 6 words, 8 tokens, 1 empty)"
    assert corpus.vectorizer.transform(["rain"]).sum() == 1


def test_counts_are_mapped_not_read(folder):
    counts = Corpus.open(folder).counts
    assert counts.has_canonical_format
    for part in (counts.data, counts.indices):
        while not isinstance(part, np.memmap):
            part = part.base
            assert part is not None


def test_without_labels_there_are_none(tmp_path):
    build_corpus([Document("a bank", "1")], Vectorizer(), tmp_path / "c")
    assert Corpus.open(tmp_path / "c").labels is None
    assert not (tmp_path / "c" / "labels").exists()


def test_nothing_waits_in_a_finished_folder(folder):
    assert sorted(os.listdir(folder)) == [
        "corpus.json",
        "data.npy",
        "ids",
        "ids.ends.npy",
        "indices.npy",
        "indptr.npy",
        "labels",
        "labels.ends.npy",
        "vocabulary.json",
    ]
    assert os.listdir(folder.parent) == ["corpus"]


def test_a_corpus_in_memory_is_saved_as_it_is(tmp_path, monkeypatch):
    monkeypatch.setattr("topicgen.corpus.corpus._CHUNK", 2)
    corpus = Corpus([[1, 0], [0, 70_000], [2, 3]], ["x", "y"], ["1", "2", "3"], ["a", "", "b"])
    corpus.save(tmp_path / "c")
    back = Corpus.open(tmp_path / "c")
    np.testing.assert_array_equal(back.counts.toarray(), corpus.counts.toarray())
    assert (back.vocabulary, back.vectorizer, back.found) == (["x", "y"], None, None)
    assert (list(back.ids), list(back.labels)) == (["1", "2", "3"], ["a", "", "b"])


def test_document_frequency_is_counted_in_chunks(monkeypatch):
    corpus = Corpus([[1, 0], [0, 7], [2, 3]], ["x", "y"], ["1", "2", "3"])
    monkeypatch.setattr("topicgen.corpus.corpus._CHUNK", 2)
    assert [len(chunk.indptr) - 1 for chunk in corpus.chunks()] == [2, 1]
    assert corpus.document_frequency().tolist() == [2, 2]


@pytest.mark.parametrize(("count", "shown"), [(0.5, "0.5"), (2.0**31, "2147483648.0")])
def test_counts_that_are_not_whole_or_too_large_are_refused(tmp_path, refuses, count, shown):
    with refuses("expected whole counts up to 2,147,483,647", f"got {shown}"):
        Corpus([[count]], ["x"], ["1"]).save(tmp_path / "c")
    assert os.listdir(tmp_path) == []


def test_more_entries_than_32_bits_number_are_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(corpus_folder, "_GREATEST_INT32", 3)
    counts = np.array([[1, 2, 0], [0, 3, 1], [0, 0, 2]])
    Corpus(counts, list("abc"), list("123")).save(tmp_path / "c")
    back = Corpus.open(tmp_path / "c").counts
    assert np.load(tmp_path / "c" / "indices.npy").dtype == np.int64
    np.testing.assert_array_equal(back.toarray(), counts)


def test_an_existing_folder_is_replaced_only_when_asked(folder, refuses):
    corpus = Corpus([[1]], ["x"], ["1"])
    with refuses("already exists", "overwrite=True"):
        corpus.save(folder)
    corpus.save(folder, overwrite=True)
    assert Corpus.open(folder).vocabulary == ["x"]


def test_what_is_no_corpus_is_never_replaced(tmp_path, refuses):
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "file").touch()
    with refuses("holds no corpus (there is no corpus.json in it)"):
        Corpus([[1]], ["x"], ["1"]).save(tmp_path / "notes", overwrite=True)
    assert (tmp_path / "notes" / "file").exists()
    with refuses("does not exist", "create it"):
        Corpus([[1]], ["x"], ["1"]).save(tmp_path / "no" / "c")


def test_two_builds_of_one_folder_are_refused(tmp_path, refuses):
    def documents():
        yield Document("bank", "1")
        with refuses("while this program is writing it already", "wait for that"):
            build_corpus(DOCUMENTS, Vectorizer(), tmp_path / "c")
        yield Document("bank", "2")

    build_corpus(documents(), Vectorizer(), tmp_path / "c")
    assert list(Corpus.open(tmp_path / "c").ids) == ["1", "2"]


@pytest.mark.parametrize("error", [ValueError("no"), KeyboardInterrupt()], ids=["error", "Ctrl-C"])
def test_a_build_that_fails_leaves_nothing(tmp_path, error):
    def documents():
        yield from DOCUMENTS
        raise error

    with pytest.raises(type(error)):
        build_corpus(documents(), Vectorizer(), tmp_path / "c")
    assert os.listdir(tmp_path) == []


def test_a_full_disk_leaves_nothing(tmp_path):
    """By a limit on the size of files, which the system enforces as it does a disk's end."""
    program = f"""
import resource, signal
from topicgen.corpus import Document, Vectorizer, build_corpus
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
documents = (Document(f"bank w{{i}} rate", str(i)) for i in range(9_000))
try:
    build_corpus(documents, Vectorizer(), {str(tmp_path / "c")!r})
except ValueError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert "cannot write" in done.stdout, done.stderr
    assert "File too large" in done.stdout
    assert done.stdout.count("\n") == 1
    assert os.listdir(tmp_path) == []


def test_what_is_no_corpus_is_told(tmp_path, refuses):
    assert not is_corpus(tmp_path)
    with refuses("is not a corpus folder", "holds no corpus.json", "topicgen corpus build"):
        Corpus.open(tmp_path)
    with refuses("none' does not exist; check the path"):
        Corpus.open(tmp_path / "none")


def damage(name, **changes):
    def change(folder):
        description = json.loads((folder / name).read_text())
        (folder / name).write_text(json.dumps({**description, **changes}))

    return change


DAMAGES = {
    "a newer version": (damage("corpus.json", format_version=9), "format_version 2, got 9"),
    "no JSON": (lambda f: (f / "corpus.json").write_text("{"), "corpus.json"),
    "a list": (
        lambda f: (f / "corpus.json").write_text("[]"),
        "expected an object of JSON, got a list",
    ),
    "no vocabulary": (lambda f: (f / "vocabulary.json").unlink(), "vocabulary.json: No such file"),
    "fewer words": (lambda f: (f / "vocabulary.json").write_text('["x"]'), "differ in length"),
    "a word twice": (
        lambda f: (f / "vocabulary.json").write_text(json.dumps(["bank"] * 6)),
        "distinct words",
    ),
    "no counts": (lambda f: (f / "data.npy").unlink(), "is damaged"),
    "counts cut short": (lambda f: os.truncate(f / "data.npy", 140), "is damaged"),
    "no numbers": (lambda f: (f / "indptr.npy").write_bytes(b"\0" * 300), "is damaged"),
    "another shape": (damage("corpus.json", shape=[4, 6]), "differ in length"),
    "no ids": (lambda f: (f / "ids.ends.npy").unlink(), "is damaged"),
}


@pytest.mark.parametrize(("change", "part"), DAMAGES.values(), ids=DAMAGES)
def test_damage_is_told(folder, refuses, change, part, reseal):
    change(folder)
    with refuses("build"):
        Corpus.open(folder)
    with contextlib.suppress(OSError, ValueError, TypeError):  # no JSON, or missing
        reseal(folder)
    with refuses(part, "build"):
        Corpus.open(folder)


NUMBERS = {
    "indptr.npy beyond the end": ("indptr", lambda x: x.__setitem__(1, 10**6), "falls from"),
    "indptr.npy that falls": ("indptr", lambda x: x.__setitem__(1, -1), "falls from 0 to -1"),
    "indptr.npy from elsewhere": ("indptr", lambda x: x.__setitem__(0, 1), "starts at 1"),
    "a word that there is not": ("indices", lambda x: x.__setitem__(0, 6), "to 6 for 6 words"),
    "a word below 0": ("indices", lambda x: x.__setitem__(0, -1), "indices from -1"),
    "words in another order": ("indices", lambda x: x.sort(), "ascending"),
    "a count below 0": ("data", lambda x: x.__setitem__(0, -3), "a count is -3"),
    "ids that fall": ("ids.ends", lambda x: x.__setitem__(0, 3), "falls from"),
    "an id beyond the end": ("ids.ends", lambda x: x.__setitem__(-1, 99), "ends at 99"),
    "an id cut in a character": ("ids.ends", lambda x: x.__setitem__(1, 3), "inside a character"),
}


@pytest.mark.parametrize(("name", "change", "part"), NUMBERS.values(), ids=NUMBERS)
def test_numbers_that_cannot_be_are_told_though_checksums_agree(
    folder, refuses, reseal, name, change, part
):
    values = np.load(folder / f"{name}.npy")
    if change is NUMBERS["words in another order"][1]:
        values[:4] = values[:4][::-1].copy()
    else:
        change(values)
    np.save(folder / f"{name}.npy", values)
    reseal(folder)
    with refuses(part, "is damaged", "build it again"):
        Corpus.open(folder).counts  # noqa: B018


def test_a_header_that_promises_more_than_there_is_is_told(folder, refuses, reseal):
    data = (folder / "data.npy").read_bytes()
    (folder / "data.npy").write_bytes(data.replace(b"(6,)", b"(999999999999,)"))
    reseal(folder)
    with refuses("data.npy"):
        Corpus.open(folder)


def test_python_objects_are_never_loaded(folder, refuses, reseal):
    np.save(folder / "data.npy", np.array([{}] * 6, dtype=object), allow_pickle=True)
    reseal(folder)
    with refuses("data.npy holds object"):
        Corpus.open(folder)


@pytest.mark.parametrize("place", ["a pipe", "a symbolic link", "a folder"])
@pytest.mark.parametrize("name", ["corpus.json", "vocabulary.json", "ids", "indices.npy"])
def test_what_is_not_a_file_is_refused_at_once(folder, refuses, name, place):
    path = folder / name
    path.rename(folder.parent / name)
    if place == "a pipe":
        os.mkfifo(path)
    elif place == "a symbolic link":
        path.symlink_to(folder.parent / name)
    else:
        path.mkdir()
    with refuses(f"which is {place}"):
        StoredCorpus(folder).verify()


def test_a_link_to_a_folder_is_refused(folder, refuses):
    (folder.parent / "link").symlink_to(folder)
    with refuses("a symbolic link", "pass the folder itself"):
        StoredCorpus(folder.parent / "link")


def test_every_flipped_bit_is_found(folder, refuses):
    random = np.random.default_rng(0)
    for path in sorted(folder.iterdir()):
        data = path.read_bytes()
        for bit in random.integers(8 * len(data), size=30).tolist():
            flipped = bytearray(data)
            flipped[bit // 8] ^= 1 << bit % 8
            path.write_bytes(bytes(flipped))
            with refuses("corpus"):
                StoredCorpus(folder).counts()
        path.write_bytes(data)
    StoredCorpus(folder).counts()


@pytest.mark.parametrize("change", [lambda d: d.pop("ids"), lambda d: d.update(other="1" * 64)])
def test_a_checksum_too_few_or_too_many_is_damage(folder, refuses, change):
    description = json.loads((folder / "corpus.json").read_text())
    description["sha256"].pop("corpus.json")
    change(description["sha256"])
    listed = description["sha256"]
    text = json.dumps({**description, "sha256": {**listed, "corpus.json": UNKNOWN}})
    (folder / "corpus.json").write_text(with_own_digest(text))
    with refuses("corpus.json has", "checksum of"):
        Corpus.open(folder)


def test_a_folder_of_the_first_format_is_read(folder):
    description = json.loads((folder / "corpus.json").read_text())
    description["sha256"].pop("corpus.json")
    (folder / "corpus.json").write_text(json.dumps(description | {"format_version": 1}))
    assert Corpus.open(folder).counts.sum() == 8


def test_checksums_tell_a_file_that_was_changed(folder, refuses):
    StoredCorpus(folder).verify()
    counts = np.load(folder / "data.npy", mmap_mode="r+")
    counts[0] += 1
    counts.flush()
    with refuses("data.npy has changed since it was written"):
        StoredCorpus(folder).verify()


def test_names_and_counts_may_come_in_any_order(tmp_path):
    with new_corpus(tmp_path / "c") as writer:
        writer.add_counts(csr_matrix([[1]]))
        writer.add_name("a")
        writer.add_name("b", None)
        writer.add_counts(csr_matrix([[2]]))
        writer.finish(["x"])
    assert Corpus.open(tmp_path / "c").counts.toarray().tolist() == [[1], [2]]


def test_lengths_that_differ_are_told_when_it_is_opened(tmp_path, refuses):
    with new_corpus(tmp_path / "c") as writer:
        writer.add_counts(csr_matrix([[1]]))
        writer.finish(["x"])
    with refuses("its files differ in length"):
        Corpus.open(tmp_path / "c")
