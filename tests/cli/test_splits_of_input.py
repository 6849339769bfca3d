"""Commands on a collection with splits, counts and texts alike."""

import json

import pytest

from topicgen.corpus import Corpus, read_documents
from topicgen.corpus.formats import read_corpus, write_corpus


@pytest.fixture(scope="module")
def texts(tmp_path_factory):
    """A folder of texts: 60 to train with, and 12 to test with."""
    folder = tmp_path_factory.mktemp("texts")
    for split, n_documents in (("news-train", 60), ("news-test", 12)):
        for number in range(n_documents):
            subject, text = [
                ("bank", "bank rates stocks bank money"),
                ("goal", "goal match team goal player"),
            ][number % 2]
            path = folder / split / subject / f"{number}.txt"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"{text}\n")
    return folder


@pytest.fixture(scope="module")
def counts(texts, tmp_path_factory):
    """The same as a folder of OCTIS."""
    from topicgen.corpus import Vectorizer

    corpus = Corpus.from_documents(read_documents(texts), Vectorizer())
    folder = tmp_path_factory.mktemp("counts") / "octis"
    write_corpus(corpus, folder, "octis")
    return folder


SIZES = "train 60 + test 12"
FAST = ("-k", 2, "--max-epochs", 2, "--quiet")


@pytest.mark.parametrize("kind", ["texts", "counts"])
def test_fit_says_the_splits_and_takes_one(request, run, tmp_path, kind):
    source = request.getfixturevalue(kind)
    result = run("fit", source, *FAST, "-o", tmp_path / "all")
    assert result.exit_code == 0, result.stderr
    assert f"using the documents of all splits: {SIZES}; pass --split train" in result.stderr
    assert (
        f"72 documents, 8 words, 360 tokens, 0 empty documents\nsplits: {SIZES}\n" in result.stdout
    )
    result = run("fit", source, *FAST, "-o", tmp_path / "train", "--split", "train", "--json")
    assert result.exit_code == 0, result.stderr
    assert "all splits" not in result.stderr
    record = json.loads(result.stdout)
    assert (record["documents"], record["splits"]) == (60, {"train": 60})


@pytest.mark.parametrize("kind", ["texts", "counts"])
def test_the_other_commands_take_a_split(request, run, tmp_path, kind):
    source = request.getfixturevalue(kind)
    model = tmp_path / "model"
    assert run("fit", source, *FAST, "-o", model, "--split", "train").exit_code == 0
    other = tmp_path / "other"
    assert run("fit", source, *FAST, "-o", other, "--split", "train", "--seed", 1).exit_code == 0

    result = run("transform", model, source, "--split", "test")
    ids = [line.split(",")[0] for line in result.stdout.splitlines()[1:]]
    assert len(ids) == 12
    assert all("test/" in id_ for id_ in ids)
    result = run("evaluate", model, source, "--split", "test", "--reference", source, "--json")
    assert json.loads(result.stdout)["documents"] == 12
    result = run("compare", model, other, source, "--split", "test", "--json")
    assert json.loads(result.stdout)["documents"] == 12
    result = run(
        *("select-k", source, "--grid", "2,3", "--seeds", 1, "--max-epochs", 1),
        *("--split", "train", "--json", "--quiet"),
    )
    assert result.exit_code == 0, result.stderr
    record = json.loads(result.stdout)
    assert record["documents"] == 60
    assert "--split train" in record["next"]


def test_build_and_convert_take_a_split(run, texts, counts, tmp_path):
    result = run("corpus", "build", texts, "-o", tmp_path / "c", "--split", "test", "--quiet")
    assert result.exit_code == 0, result.stderr
    assert "splits: test 12\n" in result.stdout
    built = Corpus.open(tmp_path / "c")
    assert set(built.splits) == {"test"}
    assert list(built.labels) == ["bank"] * 6 + ["goal"] * 6
    result = run("corpus", "convert", counts, tmp_path / "a.ldac", "--split", "train")
    assert result.exit_code == 0, result.stderr
    assert read_corpus(tmp_path / "a.ldac").splits == ["train"] * 60
    assert "splits: test 12" in run("corpus", "info", tmp_path / "c").stdout
    assert json.loads(run("corpus", "info", tmp_path / "c", "--json").stdout)["splits"] == {
        "test": 12
    }


def test_a_split_that_is_not_there_is_refused(run, refused, texts, counts, news, tmp_path):
    for source in (texts, counts):
        result = run("fit", source, "-o", tmp_path / "m", "--split", "val", "--quiet")
        refused(result, "of the split 'val'", f"got only {SIZES}", "name one of these")
    refused(run("fit", news, "--split", "train", "-o", tmp_path / "m"), "name no split")
    refused(run("fit", texts, "--split", "all"), "'all' is not one of")
    assert not (tmp_path / "m").exists()


def test_zero_based_is_for_svmlight_alone(run, refused, tmp_path, counts, news):
    (tmp_path / "a.feat").write_text("1 1:2 2:1\n0 1:1\n")
    (tmp_path / "a.vocab").write_text("alpha\nbeta\ngamma\n")
    options = ("corpus", "convert", tmp_path / "a.feat", tmp_path / "c", "--to", "topicgen")
    assert run(*options, "--zero-based", "yes").exit_code == 0
    assert Corpus.open(tmp_path / "c").counts.toarray().tolist() == [[0, 2, 1], [0, 1, 0]]
    assert run(*options, "--zero-based", "no", "--overwrite").exit_code == 0
    assert Corpus.open(tmp_path / "c").counts.toarray().tolist() == [[2, 1, 0], [1, 0, 0]]
    assert "--zero-based yes" in run(*options, "--overwrite").stderr
    refused(run(*options, "--zero-based", "1"), "'1' is not one of 'auto', 'yes', 'no'")
    refused(run("fit", counts, "--zero-based", "yes"), "applies only to", "svmlight")
    refused(run("fit", news, "--zero-based", "yes"), "--zero-based applies only to counts")
    result = run("corpus", "build", news, "-o", tmp_path / "d", "--zero-based", "yes")
    refused(result, "--zero-based applies only to counts")


def test_build_refuses_counts(run, refused, counts, tmp_path):
    result = run("corpus", "build", counts, "-o", tmp_path / "c")
    refused(result, "holds counts (octis format)", "topicgen corpus convert", "--to topicgen")
    assert not (tmp_path / "c").exists()
