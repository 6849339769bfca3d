import gzip
import io
import zipfile

import numpy as np
import pytest

from topicgen.cli.word_vector_files import read_word_vectors
from topicgen.errors import InputError
from topicgen.topic_model import TopicModel

VOCABULARY = ["market", "Bank", "goal"]


def read(path, vocabulary=VOCABULARY):
    return {
        word: vector.tolist() for word, vector in read_word_vectors(str(path), vocabulary).items()
    }


@pytest.mark.parametrize(
    "text",
    [
        "market 1 2\nother 3 4\nbank 5e-1 -6\n",
        "3 2\nmarket 1 2\nother 3 4\nbank 0.5 -6\n",
        "market\t1\t2\r\n\r\nother 3 4\nbank .5 -6 ",
        "market 1 2\n. . . 3 4\nbank 0.5 -6\n",
    ],
    ids=["GloVe", "word2vec", "tabs", "words with spaces"],
)
def test_text_files(tmp_path, text):
    expected = {"market": [1.0, 2.0], "bank": [0.5, -6.0]}
    (tmp_path / "v.txt").write_text(text)
    assert read(tmp_path / "v.txt") == expected
    with gzip.open(tmp_path / "v.txt.gz", "wt") as file:
        file.write(text)
    assert read(tmp_path / "v.txt.gz") == expected


def test_bytes_that_are_no_utf_8_are_words_that_nobody_asks_for(tmp_path):
    (tmp_path / "v.txt").write_bytes(b"market 1 2\ncaf\xe9 1 2\nbank 3 4\n")
    assert read(tmp_path / "v.txt") == {"market": [1.0, 2.0], "bank": [3.0, 4.0]}


def test_an_archive_has_words_and_vectors(tmp_path):
    path = tmp_path / "v.npz"
    np.savez(path, words=np.array(["bank", "x", "market"]), vectors=np.arange(6.0).reshape(3, 2))
    assert read(path) == {"bank": [0.0, 1.0], "market": [4.0, 5.0]}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "found no word vectors in"),
        ("market\n", "a word and its numbers in line 1 of"),
        (
            "market 1 2\nbank 1 x\n",
            "2 numbers after 'bank' in line 2 of .*, got '1 x'; pass a text",
        ),
        ("market 1 2\nbank 1\n", "a word and 2 numbers in line 2 of"),
    ],
)
def test_other_text_is_refused_with_its_line(tmp_path, text, message):
    (tmp_path / "v.txt").write_text(text)
    with pytest.raises(InputError, match=message) as caught:
        read(tmp_path / "v.txt")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"words": np.array(["a"])}, "expected word vectors, got .* damaged"),
        ({"words": np.array(["a"]), "vectors": np.ones((2, 2))}, "as many words as vectors in"),
        ({"words": np.array([b"a"]), "vectors": np.ones((1, 2))}, "words of type str and vectors"),
        ({"words": np.array(["a"]), "vectors": np.array([["x"]])}, "words of type str and vectors"),
        ({"words": np.array(["a"]), "vectors": np.array([[1j]])}, "words of type str and vectors"),
        (
            {"words": np.array([{}]), "vectors": np.ones((1, 2))},
            "expected word vectors, got .* damaged",
        ),
    ],
)
def test_other_archives_are_refused(tmp_path, arrays, message):
    np.savez(tmp_path / "v.npz", **arrays)
    with pytest.raises(InputError, match=message):
        read(tmp_path / "v.npz")


def header(shape):
    content = io.BytesIO()
    kind = {"descr": "<f4", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(content, kind)
    return content.getvalue()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (header((1, 10**12)), "vectors.npy says that its shape is .*, but has 0 bytes"),
        (header((1, 2)) + bytes(12), "vectors.npy says that its shape is .*, but has 12 bytes"),
        (b"market 1 2", "magic string"),
    ],
)
def test_an_array_that_its_bytes_do_not_fill_is_refused(tmp_path, content, reason):
    path = tmp_path / "v.npz"
    np.savez(path, words=np.array(["market"]))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("vectors.npy", content)
    with pytest.raises(InputError, match=f"expected word vectors, got .* damaged.*{reason}"):
        read(path)


def test_other_members_of_an_archive_are_not_read(tmp_path):
    path = tmp_path / "v.npz"
    np.savez(path, words=np.array(["bank"]), vectors=np.ones((1, 2)), more=np.array([{}]))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("README", "Vectors of words.")
    assert read(path) == {"bank": [1.0, 1.0]}


def test_an_archive_with_a_damaged_stream_is_refused(tmp_path):
    path = tmp_path / "v.npz"
    vectors = np.random.default_rng(0).normal(size=(60, 5))
    np.savez_compressed(path, vectors=vectors, words=np.full(60, "market"))
    content = bytearray(path.read_bytes())
    content[400:420] = b"\xff" * 20  # zlib has an error of its own
    path.write_bytes(content)
    with pytest.raises(InputError, match="which is damaged"):
        read(path)


def test_a_missing_or_damaged_file_is_refused(tmp_path):
    for name in ("no.txt", "no.npz"):
        with pytest.raises(InputError, match="no"):
            read(tmp_path / name)
    (tmp_path / "v.npz").write_text("market 1 2")
    with pytest.raises(InputError, match="which is damaged"):
        read(tmp_path / "v.npz")


# -- the commands ----------------------------------------------------------------------------


@pytest.fixture
def vectors(subjects, tmp_path):
    """A file with similar vectors for the words of a subject."""
    random, lines = np.random.default_rng(0), []
    for number, words in enumerate(subjects.values()):
        for word in words:
            vector = np.eye(3)[number] + random.normal(0, 0.1, 3)
            lines.append(f"{word} {' '.join(f'{value:.3f}' for value in vector)}")
    path = tmp_path / "vectors.txt"
    path.write_text("\n".join(lines) + "\n")
    return path


def test_fit_and_select_k_take_them(run, news, vectors, tmp_path):
    args = ("fit", news, "-k", 3, "--max-epochs", 5, "--quiet")
    given, plain = tmp_path / "given", tmp_path / "plain"
    assert run(*args, "-o", plain).exit_code == 0
    result = run(*args, "-o", given, "--word-vectors", vectors)
    assert result.exit_code == 0, result.stderr
    one, other = TopicModel.load(given), TopicModel.load(plain)
    assert not np.array_equal(one.components_, other.components_)
    assert one.word_vectors is None
    again = run(*args, "-o", tmp_path / "b", "--warm-start", given, "--word-vectors", vectors)
    assert again.exit_code == 0, again.stderr
    options = ("--grid", "2,3", "--seeds", 1, "--max-epochs", 1, "--quiet")
    result = run("select-k", news, *options, "--word-vectors", vectors)
    assert result.exit_code == 0, result.stderr


def test_a_file_of_other_words_is_refused(run, news, tmp_path):
    (tmp_path / "v.txt").write_text("katze 1 2\n")
    args = ("fit", news, "-k", 2, "--max-epochs", 1, "--quiet", "-o", tmp_path / "m")
    result = run(*args, "--word-vectors", tmp_path / "v.txt")
    assert result.exit_code == 2
    assert "none of the" in result.stderr
    result = run(*args, "--word-vectors", tmp_path / "no.txt")
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
