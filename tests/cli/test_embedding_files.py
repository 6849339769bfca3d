import json
import zipfile
from array import array
from pathlib import Path

import numpy as np
import pytest

from topicgen.cli.embedding_files import check_embeddings_file, read_embeddings_file
from topicgen.cli.input_rows import InputRows
from topicgen.errors import InputError
from topicgen.topic_model import TopicModel

VECTORS = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)


def rows_of(n, numbers=None):
    rows = InputRows()
    rows.n_read = n
    if numbers is not None:
        rows.choose(array("q", numbers))
    return rows


def headed(header):
    """An .npy file with a header of one's own."""
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode()


# -- the file --------------------------------------------------------------------------------


def test_an_npy_file_is_mapped(tmp_path):
    path = str(tmp_path / "e.npy")
    np.save(path, VECTORS)
    found = read_embeddings_file(path, rows_of(5))
    assert isinstance(found, np.memmap)
    np.testing.assert_array_equal(found, VECTORS)


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
@pytest.mark.parametrize("dtype", ["<f2", ">f4", "<f8", "<i4"])
def test_an_npz_file_has_one_array(tmp_path, save, dtype):
    path = str(tmp_path / "e.NPZ")
    with open(path, "wb") as file:
        save(file, of_documents=VECTORS.astype(dtype))
    found = read_embeddings_file(path, rows_of(5, [4, 0]))
    np.testing.assert_array_equal(found, VECTORS.astype(dtype)[[4, 0]])


def test_columns_may_lie_together(tmp_path):
    path = str(tmp_path / "e.npy")
    np.save(path, np.asfortranarray(VECTORS))
    np.testing.assert_array_equal(read_embeddings_file(path, rows_of(5, [1])), VECTORS[[1]])


def damaged(path, n_bytes):
    path.write_bytes(path.read_bytes()[:n_bytes])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path: None, "cannot read the embeddings in .*: No such file or directory; pass"),
        (lambda path: path.mkdir(), "a folder"),
        (
            lambda path: np.save(path, VECTORS[0]),
            r"one of float32 and shape \(3,\) in .*; write it",
        ),
        (lambda path: np.save(path, VECTORS > 0), r"got one of bool and shape \(5, 3\)"),
        (lambda path: np.save(path, VECTORS.astype("U9")), "got one of <U9"),
        (lambda path: np.save(path, VECTORS.astype(object)), "got Python objects in"),
        (lambda path: (np.save(path, VECTORS), damaged(path, 150)), "damaged .its shape is .5, 3"),
        (lambda path: (np.save(path, VECTORS), damaged(path, 20)), "are damaged"),
        (lambda path: path.write_bytes(b""), "are damaged"),
        (lambda path: path.write_text("0.1 0.2"), "are damaged"),
        (lambda path: path.write_bytes(headed("{'descr': (")), "are damaged"),
    ],
)
def test_what_is_no_array_of_numbers_is_refused(tmp_path, make, message):
    path = tmp_path / "e.npy"
    make(path)
    for refusing in (
        lambda: read_embeddings_file(str(path), rows_of(5)),
        lambda: check_embeddings_file(str(path)),
    ):
        with pytest.raises(InputError, match=message) as caught:
            refusing()
        assert "\n" not in str(caught.value)


def test_a_header_that_numpy_cannot_map_is_refused(tmp_path):
    path = tmp_path / "e.npy"
    header = "{'descr': '<f4', 'fortran_order': False, 'shape': (True, 5), }\n"
    path.write_bytes(headed(header) + bytes(20))
    with pytest.raises(InputError, match="are damaged"):
        read_embeddings_file(str(path), rows_of(1))


def test_an_archive_with_a_damaged_stream_is_refused(tmp_path):
    path = tmp_path / "e.npz"
    np.savez_compressed(path, np.random.default_rng(0).normal(size=(60, 5)))
    content = bytearray(path.read_bytes())
    content[400:420] = b"\xff" * 20  # zlib has an error of its own
    path.write_bytes(content)
    with pytest.raises(InputError, match="are damaged"):
        read_embeddings_file(str(path), rows_of(60))


def test_a_header_that_promises_too_much_takes_no_memory(tmp_path):
    path = tmp_path / "e.npy"
    with path.open("wb") as file:
        header = {"descr": "<f4", "fortran_order": False, "shape": (10**9, 10**6)}
        np.lib.format.write_array_header_1_0(file, header)
    with pytest.raises(InputError, match=r"which takes 4,000,000,000,000,000 bytes, but it has 0"):
        check_embeddings_file(str(path))


def test_an_archive_that_unpacks_beyond_measure_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("topicgen.cli.embedding_files._FREE_BYTES", 1_000)
    path = tmp_path / "e.npz"
    np.savez_compressed(path, np.zeros((10**6, 1)))
    with pytest.raises(InputError, match="250 bytes from each compressed byte"):
        check_embeddings_file(str(path))


@pytest.mark.parametrize(
    ("arrays", "message"),
    [({}, "expected one array, got 0"), ({"a": VECTORS, "b": VECTORS}, "got 2 .a.npy, b.npy. in")],
)
def test_an_archive_of_another_number_of_arrays_is_refused(tmp_path, arrays, message):
    path = tmp_path / "e.npz"
    np.savez(path, **arrays)
    with pytest.raises(InputError, match=message):
        read_embeddings_file(str(path), rows_of(5))


def test_an_archive_of_something_else_is_refused(tmp_path):
    path = tmp_path / "e.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", "hello")
    with pytest.raises(InputError, match="are damaged"):
        read_embeddings_file(str(path), rows_of(5))
    path.write_text("hello")
    with pytest.raises(InputError, match="are damaged"):
        read_embeddings_file(str(path), rows_of(5))


def test_other_formats_are_refused():
    with pytest.raises(InputError, match=r"an .npy or .npz file, got 'e.csv'; write it with numpy"):
        check_embeddings_file("e.csv")


def test_other_rows_than_documents_are_refused(tmp_path):
    path = str(tmp_path / "e.npy")
    np.save(path, VECTORS)
    with pytest.raises(InputError, match="each of the 6 documents of INPUT, got 5 rows in"):
        read_embeddings_file(path, rows_of(6, [0]))


# -- the commands ----------------------------------------------------------------------------


def texts_of(news):
    return [line.split(",")[1] for line in Path(news).read_text().splitlines()[1:]]


@pytest.fixture(scope="session")
def embedded(news, tmp_path_factory):
    """A file of embeddings of the news: the counts of some words, by which a test knows a row."""
    texts = texts_of(news)
    words = ["market", "bank", "match", "goal", "album", "song"]
    path = tmp_path_factory.mktemp("embeddings") / "news.npy"
    np.save(path, np.array([[text.split().count(word) for word in words] for text in texts], "f4"))
    return path


@pytest.fixture(scope="session")
def guided(news, embedded, tmp_path_factory):
    from click.testing import CliRunner

    from topicgen.cli import main

    folder = tmp_path_factory.mktemp("models") / "guided"
    args = ["fit", news, "-k", "3", "-o", str(folder), "--max-epochs", "10", "--quiet"]
    result = CliRunner().invoke(main, [*args, "--embeddings", str(embedded)])
    assert result.exit_code == 0, result.stderr
    return folder


def test_fit_gives_the_embeddings_to_the_model(guided, embedded):
    model = TopicModel.load(guided)
    assert model.fitted_.structure.encoder_input == "words_and_embeddings"
    np.testing.assert_allclose(model.fitted_.embedding.center, np.load(embedded).mean(0))


def test_fit_can_read_embeddings_alone(news, embedded, run, tmp_path):
    args = ("-k", 3, "-o", tmp_path / "m", "--max-epochs", 2, "--quiet")
    result = run("fit", news, *args, "--embeddings", embedded, "--encoder-input", "embeddings")
    assert result.exit_code == 0, result.stderr
    assert TopicModel.load(tmp_path / "m").fitted_.structure.encoder_input == "embeddings"
    result = run("fit", news, *args, "--encoder-input", "embeddings", "--overwrite")
    assert result.exit_code == 2
    assert "needs embeddings of the documents" in result.stderr


@pytest.mark.parametrize("extra", [[], ["--intervals"]])
def test_transform_reads_them(guided, news, embedded, run, tmp_path, extra):
    out = tmp_path / "shares.npz"
    result = run("transform", guided, news, "--embeddings", embedded, "-o", out, *extra)
    assert result.exit_code == 0, result.stderr
    if not extra:
        expected = TopicModel.load(guided).transform(texts_of(news), embeddings=np.load(embedded))
        np.testing.assert_allclose(np.load(out)["doc_topic"], expected, rtol=1e-5)


def test_transform_of_another_language_is_no_surprise(guided, embedded, run, tmp_path):
    foreign = tmp_path / "f.txt"
    foreign.write_text("eins zwei\n" * 90)
    result = run("transform", guided, foreign, "--embeddings", embedded)
    assert result.exit_code == 0
    assert "warning" not in result.stderr
    shares = [line.split(",")[1:4] for line in result.stdout.splitlines()[1:]]
    assert len({tuple(row) for row in shares}) > 10


@pytest.mark.parametrize("command", ["evaluate", "report", "compare", "edit", "select-k"])
def test_other_commands_read_them(guided, news, embedded, run, tmp_path, command):
    args = {
        "evaluate": ("evaluate", guided, news, "--label-column", "subject", "--json"),
        "report": ("report", guided, news, "-o", tmp_path / "r.html", "--quiet"),
        "compare": ("compare", guided, tmp_path / "copy", news),
        "edit": ("edit", guided, "--suggest", "--documents", news),
        "select-k": ("select-k", news, "--grid", "2,3", "--seeds", 1, "--max-epochs", 1, "--quiet"),
    }[command]
    if command == "compare":
        TopicModel.load(guided).save(tmp_path / "copy")
    result = run(*args, "--embeddings", embedded)
    assert result.exit_code == 0, result.stderr
    if command != "select-k":
        result = run(
            *args[:-1] if command == "x" else args, *(["--overwrite"] * (command == "report"))
        )
        assert result.exit_code == 2
        assert "fitted with embeddings of 6 dimensions and needs those of INPUT" in result.stderr


@pytest.mark.parametrize("command", ["transform", "evaluate", "report"])
def test_a_model_that_reads_none_says_so(fitted, news, embedded, run, tmp_path, command):
    extra = ("-o", tmp_path / "r.html", "--quiet") if command == "report" else ()
    result = run(command, fitted[0], news, "--embeddings", embedded, *extra)
    assert result.exit_code == 2
    assert "the model reads no embeddings" in result.stderr


def test_rows_that_are_left_out_are_left_out_of_both(run, tmp_path):
    """Documents of the training split, without one that repeats another."""
    random = np.random.default_rng(0)
    words = np.array([f"w{chr(97 + j)}" for j in range(20)])
    for number in range(40):
        folder = tmp_path / "docs" / ("train" if number % 4 else "test")
        folder.mkdir(parents=True, exist_ok=True)
        text = "wa wb wc" if number in (5, 9) else " ".join(random.choice(words, 12))
        (folder / f"{number:02}.txt").write_text(text)
    from topicgen.corpus import read_documents

    docs = list(read_documents(str(tmp_path / "docs")))
    vectors = np.array([[doc.text.count(f"w{chr(97 + j)}") for j in range(20)] for doc in docs])
    np.save(tmp_path / "e.npy", vectors)
    args = ("fit", tmp_path / "docs", "-k", 2, "-o", tmp_path / "m", "--max-epochs", 1, "--quiet")
    more = ("--min-df", 1, "--split", "train", "--deduplicate", "--embeddings", tmp_path / "e.npy")
    result = run(*args, *more, "--json")
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout)["documents"] == 29
    used, seen = [], set()
    for row, doc in enumerate(docs):
        if doc.id.startswith("train") and doc.text not in seen:
            used.append(row)
            seen.add(doc.text)
    model = TopicModel.load(tmp_path / "m")
    np.testing.assert_allclose(model.fitted_.embedding.center, vectors[used].mean(0))


def test_a_split_of_counts_leaves_rows_out_too(run, tmp_path):
    from scipy.sparse import csr_matrix

    from topicgen.corpus import Corpus

    random = np.random.default_rng(0)
    counts = random.poisson(1.0, (40, 6)) + 1
    ids = [f"{'test' if row % 2 else 'train'}/{row}" for row in range(40)]
    Corpus(csr_matrix(counts), list("abcdef"), ids).save(tmp_path / "corpus")
    np.save(tmp_path / "e.npy", counts)
    args = ("fit", tmp_path / "corpus", "-k", 2, "-o", tmp_path / "m", "--max-epochs", 1, "--quiet")
    result = run(*args, "--embeddings", tmp_path / "e.npy", "--split", "train")
    assert result.exit_code == 0, result.stderr
    center = TopicModel.load(tmp_path / "m").fitted_.embedding.center
    np.testing.assert_allclose(center, counts[::2].mean(0))


def test_a_missing_file_is_said_before_the_documents_are_read(run, tmp_path):
    result = run("fit", tmp_path / "no.csv", "--embeddings", tmp_path / "no.npy", "--quiet")
    assert result.exit_code == 2
    assert "cannot read the embeddings" in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_checkpoint_is_of_its_embeddings(news, embedded, tmp_path):
    np.save(tmp_path / "other.npy", np.load(embedded) + 1)
    texts, other = texts_of(news), np.load(tmp_path / "other.npy")
    model = TopicModel(2, max_epochs=1, random_state=0)
    model.fit(texts, embeddings=np.load(embedded, mmap_mode="r"), checkpoint=tmp_path / "c")
    with pytest.raises(InputError, match="other embeddings"):
        model.fit(texts, embeddings=other, checkpoint=tmp_path / "c", resume=True)
    model.fit(texts, embeddings=np.load(embedded), checkpoint=tmp_path / "c", resume=True)
