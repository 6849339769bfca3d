import json
import os
import shutil

import numpy as np
import pytest

from topicgen import TopicModel


@pytest.fixture(scope="session")
def of_five(news, tmp_path_factory):
    """A model of five topics, which no test changes."""
    from click.testing import CliRunner

    from topicgen.cli import main

    folder = tmp_path_factory.mktemp("five") / "model"
    words = ["fit", news, "-k", "5", "-o", str(folder), "--max-epochs", "10", "--quiet"]
    assert CliRunner().invoke(main, words).exit_code == 0
    return folder


@pytest.fixture
def five(of_five, tmp_path):
    return shutil.copytree(of_five, tmp_path / "five")


def words_of(folder):
    return TopicModel.load(folder).top_words(3)


def test_a_name_is_saved_in_place(run, five):
    label = ", ".join(words_of(five)[3])
    result = run("edit", five, "--rename", "3=economy and finance")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines() == [
        f"--rename 3=economy and finance: topic 3 ({label}) is now named 'economy and finance'",
        f"model: {five} (5 topics)",
    ]
    assert TopicModel.load(five).topic_names_ == [None] * 3 + ["economy and finance", None]
    run("edit", five, "--rename", "economy and finance=")
    assert TopicModel.load(five).topic_names_ == [None] * 5


def test_numbers_are_those_of_the_start(run, five, tmp_path):
    before = words_of(five)
    result = run(
        "edit", five, "--drop", "1", "--rename", "4=last", "--merge", "2,0", "--rename", "2=both",
        "--split", "3", "--rename", "last=end", "-o", tmp_path / "new",
    )  # fmt: skip
    assert result.exit_code == 0, result.stderr
    lines = result.stdout.splitlines()
    starts = [line.split(": ")[0] for line in lines]
    cost = [line for line in lines if line.startswith("  perplexity of 9 held-out documents: ")]
    assert len(cost) == 3
    assert [start for start in starts if start.startswith("--")] == [
        "--drop 1", "--rename 4=last", "--merge 2,0", "--rename 2=both", "--split 3",
        "--rename last=end",
    ]  # fmt: skip
    new = TopicModel.load(tmp_path / "new")
    assert new.topic_names_ == ["both", None, "end", None]
    assert new.top_words(3)[2] == before[4]
    assert lines[-1] == f"model: {tmp_path / 'new'} (4 topics)"
    assert words_of(five) == before


def test_undo_brings_the_model_back(run, of_five, five):
    run("edit", five, "--merge", "0,1", "--rename", "2=x")
    result = run("edit", five, "--undo", "--undo")
    assert [line[:13] for line in result.stdout.splitlines()] == [
        "undone: topic",
        "undone: merge",
        "model: " + str(five)[:6],
    ]
    one, other = TopicModel.load(five), TopicModel.load(of_five)
    np.testing.assert_array_equal(one.components_, other.components_)
    assert one.topic_names_ == [None] * 5


def test_for_programs(run, five):
    made = json.loads(run("edit", five, "--merge", "0,3", "--rename", "3=x", "--json").stdout)
    assert (made["model"], made["topics"]) == (str(five), 4)
    merge, rename = made["edits"]
    assert (merge["kind"], merge["numbers"]) == ("merge", [0, 1, 2, 0, 3])
    assert merge["cost"]["after"] > 0
    assert (rename["kind"], rename["cost"]) == ("rename", None)
    undone = json.loads(run("edit", five, "--undo", "--json").stdout)["undone"]
    assert [edit["kind"] for edit in undone] == ["rename"]


def test_topics_are_frozen_and_thawed(run, five, news):
    options = ("--drop", "0", "--freeze", "3,4", "--unfreeze", "4", "--documents", news)
    made = json.loads(run("edit", five, *options, "--json").stdout)
    assert [edit["kind"] for edit in made["edits"]] == ["drop", "freeze", "unfreeze"]
    assert TopicModel.load(five).fitted_.frozen == (2,)


def test_suggestions(run, five):
    before = sorted((file.name, file.stat().st_mtime_ns) for file in five.iterdir())
    lines = run("edit", five, "--suggest", "-n", 2).stdout.splitlines()
    assert lines[0].split() == [
        "topics",
        "similarity",
        "nats",
        "per",
        "token",
        "95%",
        "interval",
        "labels",
    ]
    assert len(lines) == 5
    pairs = json.loads(run("edit", five, "--suggest", "--json").stdout)
    assert 2 < len(pairs) <= 10
    assert lines[1].split()[0] == f"{pairs[0]['topic']},{pairs[0]['other']}"
    are_starred = any(pair["suggested"] for pair in pairs[:2])
    starred, bare = "* the two are probably one topic", "no two topics are probably one"
    assert lines[-1] == (starred if are_starred else bare)
    assert sorted((file.name, file.stat().st_mtime_ns) for file in five.iterdir()) == before


def test_costs_on_other_documents(run, news, five):
    result = run("edit", five, "--merge", "0,1", "--documents", news, "--column", "text")
    assert "perplexity of 90 documents: " in result.stdout


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], "nothing to do; pass an edit, such as --rename 3=economy"),
        (["--rename", "3"], "expected a topic and its name, such as 3=economy, got '3'"),
        (["--rename", "=x"], "expected a topic and its name"),
        (["--rename", "9=x"], "the topics of the model are 0 to 4, got 9"),
        (["--rename", "9" * 5000 + "=x"], f"the topics of the model are 0 to 4, got {'9' * 20};"),
        (
            ["--rename", "nope=x"],
            "no topic is named 'nope'; the topics have no names; pass a number from 0 to 4",
        ),
        (["--merge", "1,"], "expected topics separated by commas, got '1,'"),
        (["--merge", "1"], "topics must name two or more topics to merge"),
        (["--merge", "1,2", "--merge", "2,1"], "topics must name two or more topics to merge"),
        (["--drop", "1", "--split", "1"], "topic 1 is dropped by an earlier edit"),
        (["--drop", "0,1,2,3,4"], "cannot drop all topics"),
        (["--undo"], "the model has no edit to undo"),
        (["--undo", "--drop", "1"], "options --undo and --suggest cannot be combined with edits"),
        (["--suggest", "--undo"], "options --undo and --suggest cannot be combined with edits"),
        (["--drop", "1", "--column", "x"], "about reading INPUT need --documents; add it"),
        (["--rename", "0=x", "--drop", "9"], "the topics of the model are 0 to 4"),
    ],
)
def test_a_mistake_changes_nothing(run, refused, five, options, message):
    before = {file.name: file.read_bytes() for file in five.iterdir()}
    refused(run("edit", five, *options), message)
    assert {file.name: file.read_bytes() for file in five.iterdir()} == before


def test_another_folder_is_replaced_only_when_asked(run, refused, five, model):
    refused(run("edit", five, "--rename", "0=x", "-o", model), "already exists", "--overwrite")
    assert run("edit", five, "--rename", "0=x", "-o", model, "--overwrite").exit_code == 0
    assert TopicModel.load(model).topic_names_[0] == "x"
    assert sorted(os.listdir(five.parent)) == ["five", "news-model"]


def test_too_many_times(run, refused, five):
    run("edit", five, "--rename", "0=x")
    refused(run("edit", five, "--undo", "--undo"), "has 1 edit to undo, got --undo 2 times")


def test_there_is_no_pair_of_one_topic(run, five, tmp_path):
    one = tmp_path / "one"
    assert run("edit", five, "--drop", "0,1,2,3", "-o", one).exit_code == 0
    result = run("edit", one, "--suggest")
    assert (result.exit_code, result.stdout) == (0, "no two topics can be merged\n")
