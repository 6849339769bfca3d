import json
import os

import pytest

from topicgen import TopicModel
from topicgen.corpus import Corpus


@pytest.fixture
def built(run, news, tmp_path):
    folder = tmp_path / "news"
    result = run("corpus", "build", news, "-o", folder, "--label-column", "subject", "--quiet")
    assert result.exit_code == 0, result.stderr
    return folder, result.stdout


def test_build_shows_what_was_counted(built):
    folder, printed = built
    lines = printed.splitlines()
    assert lines[0].startswith(f"corpus: {folder} (")
    assert lines[1] == "90 documents, 30 words, 2,700 tokens, 0 empty documents"
    assert lines[2].startswith("tokens per document: minimum 30, lower quartile 30, ")
    assert lines[3].startswith("most common words: ")
    assert lines[4] == (
        "read: 2,700 tokens, 2,700 of them not stop words, 30 distinct; "
        "0 terms are in too few documents, 0 in too many"
    )
    corpus = Corpus.open(folder)
    assert set(corpus.labels) == {"business", "sport", "music"}


def test_info_shows_the_same_again(built, run):
    folder, printed = built
    assert run("corpus", "info", folder).stdout == printed
    assert run("corpus", "info", folder, "--check").stdout == printed
    short = run("corpus", "info", folder, "-n", 1).stdout
    assert short.splitlines()[3].count("(") == 1


def test_info_as_json(built, run):
    found = json.loads(run("corpus", "info", built[0], "--json").stdout)
    assert (found["documents"], found["words"], found["tokens"]) == (90, 30, 2_700)
    assert found["found"]["distinct_terms"] == 30
    assert found["recipe"]["stop_words"] == "english"
    assert found["bytes"] > 1_000


def test_info_of_a_changed_file_is_refused(built, run, refused):
    os.truncate(built[0] / "ids", 10)
    refused(run("corpus", "info", built[0], "--check"), "ids has changed since it was written")


def test_a_model_of_the_corpus_is_that_of_the_texts(built, run, news, tmp_path):
    printed = []
    for source in (news, built[0]):
        folder = tmp_path / "model"
        result = run(
            "fit", source, "-k", 3, "-o", folder, "--overwrite", "--quiet", "--max-epochs", 5
        )
        assert result.exit_code == 0, result.stderr
        printed.append(result.stdout)
    assert printed[0] == printed[1]
    assert TopicModel.load(folder).vectorizer_ is not None


def test_evaluate_and_transform_take_a_corpus(built, run, model, news):
    for command in ("evaluate", "transform"):
        of_texts = run(command, model, news, "--label-column", "subject", "--id-column", "id")
        by_number = run(command, model, news, "--label-column", "subject")
        of_counts = run(command, model, built[0])
        assert of_counts.exit_code == 0, of_counts.stderr
        assert of_counts.stdout == by_number.stdout
        assert of_texts.exit_code == 0


def test_several_inputs_and_patterns(run, tmp_path):
    for name in ("a", "b"):
        (tmp_path / f"{name}.txt").write_text("bank rate\nrain wind\n")
    out = tmp_path / "out"
    for sources in ([tmp_path / "a.txt", tmp_path / "b.txt"], [f"{tmp_path}/*.txt"]):
        result = run("corpus", "build", *sources, "-o", out, "--overwrite", "--quiet")
        assert result.exit_code == 0, result.stderr
        assert len(Corpus.open(out).ids) == 4


def test_progress_is_shown_on_standard_error(run, news, tmp_path):
    result = run("corpus", "build", news, "-o", tmp_path / "c")
    assert "reading: 100%" in result.stderr
    assert "reading" not in result.stdout


def test_options_for_texts_are_refused_for_counts(built, run, refused, tmp_path):
    result = run("fit", built[0], "-o", tmp_path / "m", "--min-df", 2)
    refused(
        result,
        "--min-df applies only to texts",
        "holds counts (topicgen format)",
        "leave the option out",
    )


def test_counts_beside_other_inputs_are_refused(built, run, refused, news, tmp_path):
    result = run("fit", news, built[0], "-o", tmp_path / "m")
    refused(result, "must be the only INPUT", "among 2 inputs", "pass it alone")


def test_an_existing_folder_is_refused_before_anything_is_read(built, run, refused, news):
    refused(run("corpus", "build", "no-such-file", "-o", built[0]), "already exists", "--overwrite")
    refused(run("corpus", "build", news, "-o", "/no/such/c"), "'/no/such' does not exist")


def test_a_source_that_fails_leaves_nothing(run, refused, tmp_path):
    (tmp_path / "bad.csv").write_text('text\n"a bank\n')
    refused(run("corpus", "build", tmp_path / "bad.csv", "-o", tmp_path / "c", "--quiet"), "line 2")
    assert os.listdir(tmp_path) == ["bad.csv"]


@pytest.fixture
def repeated(tmp_path):
    """Four documents; the third repeats the first, and two are blank."""
    path = tmp_path / "a.csv"
    path.write_text("text,n,party\nbank rate,1,Con\n,2,Lab\n bank rate ,3,\n,4,Con\n")
    return path


def test_repeated_documents_are_counted_or_dropped(run, repeated, tmp_path):
    result = run("corpus", "build", repeated, "-o", tmp_path / "c", "--quiet")
    assert result.stdout.splitlines()[2] == "1 of 4 documents repeats an earlier one"
    assert run("corpus", "info", tmp_path / "c").stdout == result.stdout
    found = json.loads(run("corpus", "info", tmp_path / "c", "--json").stdout)["found"]
    assert (found["duplicates"], found["duplicates_dropped"]) == (1, 0)
    result = run(
        "corpus", "build", repeated, "-o", tmp_path / "d", "--quiet", "--deduplicate", "--keep", "n"
    )
    assert result.stdout.splitlines()[1].startswith("3 documents")
    assert result.stdout.splitlines()[2] == (
        "1 of 4 documents repeated an earlier one and was left out"
    )
    assert Corpus.open(tmp_path / "d").metadata["n"].tolist() == [1, 2, 4]


def test_columns_are_kept_and_shown(run, repeated, refused, tmp_path):
    result = run("corpus", "build", repeated, "-o", tmp_path / "c", "--quiet", "--keep", "n,party")
    assert "metadata: n (integer), party (text)" in result.stdout.splitlines()
    shown = json.loads(run("corpus", "info", tmp_path / "c", "--check", "--json").stdout)
    assert shown["metadata"] == {"n": "integer", "party": "text"}
    assert Corpus.open(tmp_path / "c").metadata["party"].isna().tolist() == [
        False,
        False,
        True,
        False,
    ]
    refused(
        run("corpus", "build", repeated, "-o", tmp_path / "d", "--quiet", "--keep", "year"),
        "a column 'year'",
    )
    assert not (tmp_path / "d").exists()


def test_the_group_lists_its_commands(run):
    shown = run("corpus", "--help").stdout
    for command in ("build", "info", "convert", "get"):
        assert command in shown


def test_a_long_word_is_shown_in_part(run, tmp_path):
    (tmp_path / "a.txt").write_text("ab" * 500 + "\n")
    options = ("--min-df", "1", "--max-df", "1.0", "--quiet")
    shown = run("corpus", "build", tmp_path / "a.txt", "-o", tmp_path / "a", *options).stdout
    assert f"most common words: {'ab' * 19}a… (1 in 1)" in shown
    assert "read: 1 token, " in shown
