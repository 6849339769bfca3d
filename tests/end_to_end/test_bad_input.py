"""Everything that people get wrong: status 2, one line, nothing half-written."""

import json
import os
import resource

import numpy as np
import pytest
from click.testing import CliRunner
from scipy.sparse import csr_matrix

from topicgen import TopicModel
from topicgen.cli import main

FIT = ("--quiet", "--max-epochs", "2")


def _run(*args):
    result = CliRunner().invoke(main, list(map(str, args)))
    return result.exit_code, result.stdout, result.stderr


def _is_refused(outcome, *parts):
    status, stdout, stderr = outcome
    assert (status, stdout) == (2, ""), stderr
    assert stderr.startswith("topicgen: error: ")
    assert "; " in stderr, stderr
    assert stderr.count("\n") == 1
    for part in parts:
        assert part in stderr


@pytest.fixture(scope="module")
def fitted(texts, tmp_path_factory):
    folder = tmp_path_factory.mktemp("models") / "model"
    TopicModel(3, max_epochs=2, random_state=0).fit(texts).save(folder)
    return folder


@pytest.fixture
def model(fitted, tmp_path):
    """A model folder of this test's own."""
    folder = tmp_path / "model"
    folder.mkdir()
    for file in fitted.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    return folder


INPUTS = {
    "a missing path": ("no.txt", None, (), ["no.txt' does not exist", "check the path"]),
    "an empty file": ("a.txt", b"", (), ["documents with text, got none in", "a.txt'"]),
    "blank lines": ("a.txt", b"\n \n", (), ["only blank ones (2)"]),
    "a folder without text": ("a/b.png", b"\x89PNG\r\n\0", (), ["text files in the folder"]),
    "a PDF file": ("a.txt", b"%PDF-1.7\n", (), ["a PDF file", "line 1", "extract its text"]),
    "gzip without its suffix": ("a.txt", b"\x1f\x8b\x08\0", (), ["gzip data", ".gz"]),
    "damaged gzip": ("a.gz", b"\x1f\x8b\x08\0", (), ["damaged, cut short"]),
    "NUL bytes": ("a.txt", b"word\nwo\0rd\n", (), ["a NUL byte at offset 2", "a.txt', line 2"]),
    "stop words alone": ("a.txt", b"the of\nand\n", (), ["other than stop words", "3 tokens"]),
    "an unknown column": (
        "a.csv",
        b"id,text\n1,word\n",
        ("--column", "body"),
        ["a column 'body', got the columns 'id', 'text'", "a.csv', line 2"],
    ),
    "a column of plain text": ("a.txt", b"word\n", ("--column", "x"), ["expected a table", "'x'"]),
    "a ragged table": ("a.csv", b"id,text\n1,a,b\n", (), ["2 fields", "got 3", "line 2"]),
    "malformed JSON": ("a.jsonl", b'{"text": "a"}\n{"text": \n', (), ["a.jsonl', line 2"]),
    "a stemmer that is none": ("a.txt", b"w\n", ("--stemmer", "latin"), ["got 'latin'"]),
    "a pattern that is none": ("a.txt", b"w\n", ("--token-pattern", "("), ["got '(': missing )"]),
    "a threshold out of range": ("a.txt", b"w\n", ("--min-df", "1.5"), ["min_df", "got 1.5"]),
    "thresholds that leave nothing": ("a.txt", b"ab cd\n", ("--min-df", "2"), ["min_df=2"]),
    "a device that is none": ("a.txt", b"ab cd\n" * 20, ("--device", "abacus"), ["'abacus'"]),
}


@pytest.mark.parametrize("name", INPUTS)
def test_an_input_that_cannot_be_used(name, tmp_path):
    file, content, args, parts = INPUTS[name]
    path = tmp_path / "in" / file
    path.parent.mkdir(parents=True)
    if content is not None:
        path.write_bytes(content)
    source = path if path.parent.name == "in" else path.parent
    _is_refused(_run("fit", source, "-k", 1, "-o", tmp_path / "model", *FIT, *args), *parts)
    assert os.listdir(tmp_path) == ["in"]


def test_a_line_of_200_mb(tmp_path):
    path = tmp_path / "a.txt"
    path.touch()
    os.truncate(path, 200_000_000)
    _is_refused(_run("fit", path, "-o", tmp_path / "model", *FIT), "67,108,864", "line 1")


@pytest.mark.parametrize("k", [0, -3, 1_000_000])
def test_a_number_of_topics_that_cannot_be(k, corpus, tmp_path):
    status, stdout, stderr = _run("fit", corpus, "-k", k, "-o", tmp_path / "model", *FIT)
    assert (status, stdout) == (2, "")
    assert stderr.startswith("topicgen: error: ")
    assert stderr.count("\n") == 1
    assert str(k) in stderr.replace(",", "")
    assert os.listdir(tmp_path) == ["corpus.txt"]


def test_an_output_folder_that_exists(corpus, tmp_path):
    (tmp_path / "notes").mkdir()
    outcome = _run("fit", corpus, "-o", tmp_path / "notes", *FIT)
    _is_refused(outcome, "notes' exists and holds no model")
    outcome = _run("fit", corpus, "-o", tmp_path / "notes", "--overwrite", *FIT)
    _is_refused(outcome, "no config.json")


@pytest.mark.parametrize(
    ("folder", "part"),
    [
        ("no/model", "no' does not exist; create it"),
        ("corpus.txt/model", "corpus.txt' is not a folder"),
        ("/proc/model", "check the free space and the permissions"),
    ],
)
def test_an_output_folder_that_cannot_be_written(folder, part, corpus, tmp_path):
    for args in (
        ("fit", corpus, "-o", tmp_path / folder),
        ("transform", "no model", corpus, "-o", tmp_path / folder / ".." / "theta.csv"),
    ):
        status, stdout, stderr = _run(*args)
        assert (status, stdout) == (2, "")
        assert stderr.startswith("topicgen: error: ")
    _is_refused(_run("fit", corpus, "-o", tmp_path / folder), part)


@pytest.mark.parametrize("command", ["fit", "transform"])
def test_a_disk_that_fills(command, texts, model, topicgen_process, tmp_path):
    (tmp_path / "corpus.txt").write_text("\n".join(texts * 20) + "\n")
    args = {
        "fit": ("fit", "corpus.txt", "-k", 3, "-o", "full", *FIT),
        "transform": ("transform", "model", "corpus.txt", "-o", "theta.csv"),
    }
    outcome = topicgen_process(*args[command], preexec_fn=_fill_the_disk)
    _is_refused(outcome, "cannot write", "File too large")
    assert sorted(os.listdir(tmp_path)) == ["corpus.txt", "model"]


def _fill_the_disk():
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))


@pytest.mark.parametrize("name", ["config.json", "vocabulary.json", "weights.safetensors"])
@pytest.mark.parametrize("damage", ["missing", "truncated", "empty", "binary"])
def test_a_model_folder_that_is_damaged(name, damage, model, corpus):
    file = model / name
    content = file.read_bytes()
    if damage == "missing":
        file.unlink()
    else:
        damaged = {"truncated": content[: len(content) // 2], "empty": b"", "binary": b"\xff" * 99}
        file.write_bytes(damaged[damage])
    _is_refused(_run("topics", model), name)
    _is_refused(_run("transform", model, corpus), name)
    _is_refused(_run("evaluate", model, corpus), name)


def test_a_model_folder_of_a_newer_format(model):
    config = json.loads((model / "config.json").read_text())
    (model / "config.json").write_text(json.dumps(config | {"format_version": 999}))
    _is_refused(_run("topics", model), "999", "newer")


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("no such folder", "does not exist"),
        ("corpus.txt", "model folder"),
        (".", "model folder"),
    ],
)
def test_a_model_folder_that_is_none(name, found, corpus, tmp_path):
    _is_refused(_run("topics", tmp_path / name), found)


@pytest.mark.parametrize(
    ("bad", "found"), [(np.nan, "NaN"), (np.inf, "infinity"), (-1.0, "Negative values")]
)
@pytest.mark.parametrize("form", [np.asarray, csr_matrix])
def test_counts_that_are_none(bad, found, form, fitted):
    counts = np.ones((20, 30))
    counts[3, 1] = bad
    # The words are scikit-learn's, which its own tests of estimators ask for.
    with pytest.raises(ValueError, match=found):
        TopicModel(2, max_epochs=1).fit(form(counts))
    with pytest.raises(ValueError, match=found):
        TopicModel.load(fitted).transform(form(counts))


def test_counts_of_another_vocabulary(fitted):
    with pytest.raises(ValueError, match="29 features, but TopicModel is expecting 30"):
        TopicModel.load(fitted).transform(np.ones((2, 29)))
