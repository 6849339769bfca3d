import csv
import io
import json

import pytest
from click.testing import CliRunner

from topicgen import TopicModel
from topicgen.cli import main
from topicgen.topic_model.measure_names import MEASURES


def test_table(run, model, subjects):
    lines = run("topics", model, "-n", 4).stdout.splitlines()
    assert lines[0] == "topic  share  presence  amount  words"
    shares = [float(line.split()[1].rstrip("%")) for line in lines[1:]]
    assert shares == sorted(shares, reverse=True)
    assert sum(shares) == pytest.approx(100, abs=0.2)
    assert all(line.count(", ") == 3 for line in lines[1:])


def test_json(run, model, subjects):
    by_probability = ["--measure", "probability"]
    topics = json.loads(run("topics", model, *by_probability, "--json").stdout)
    assert [topic["topic"] for topic in topics] == [0, 1, 2]
    assert sum(topic["share"] for topic in topics) == pytest.approx(1)
    for topic in topics:
        assert set(topic["words"]) in subjects.values()
        assert topic["probabilities"] == sorted(topic["probabilities"], reverse=True)
        assert 0.5 < sum(topic["probabilities"]) <= 1
        for name in ("tokens", "presence", "amount", "dispersion"):
            assert 0 < topic[f"{name}_low"] <= topic[name] <= topic[f"{name}_high"]


def test_csv(run, model):
    rows = list(csv.DictReader(io.StringIO(run("topics", model, "--csv", "-n", 2).stdout)))
    assert [row["topic"] for row in rows] == ["0", "1", "2"]
    assert list(rows[0])[:5] == ["topic", "share", "tokens", "tokens_low", "tokens_high"]
    assert list(rows[0])[-2:] == ["dispersion_high", "words"]
    assert all(len(row["words"].split()) == 2 for row in rows)


@pytest.fixture(scope="session")
def deep(tmp_path_factory, news):
    folder = tmp_path_factory.mktemp("deep") / "model"
    seeds = folder.parent / "seeds.txt"
    seeds.write_text("sport: match, goal\n")
    options = ["-k", 3, "--upper-components", "2,1", "--max-epochs", 5, "--seeds", seeds]
    result = CliRunner().invoke(
        main, [str(word) for word in ("fit", news, *options, "-o", folder, "--quiet")]
    )
    assert result.exit_code == 0, result.stderr
    return folder


def test_tree(run, deep):
    head, top, *lines = run("topics", deep, "--tree", "-n", 3).stdout.splitlines()
    assert head.split() == ["node", "share", "words"]
    assert top.startswith("layer 2, node 0      100.0%  ")
    assert sum(line.startswith("  layer 1, node ") for line in lines) == 2
    assert sum(line.startswith("    topic ") for line in lines) == 3
    assert sum("topic 0 (sport) " in line for line in lines) == 1
    assert all(line.count(", ") == 2 + (", node " in line) for line in lines)


def test_tree_for_programs(run, deep):
    nodes = json.loads(run("topics", deep, "--tree", "--json").stdout)
    assert [node["layer"] for node in nodes] == [0, 0, 0, 1, 1, 2]
    assert [node["name"] for node in nodes] == ["sport"] + [None] * 5
    assert nodes[-1]["parent"] is nodes[-1]["weight"] is None
    for node in nodes[:3]:
        parent = nodes[3 + node["parent"]]
        assert (parent["layer"], parent["topic"]) == (1, node["parent"])
        assert 0 < node["weight"] <= 1
    rows = list(csv.DictReader(io.StringIO(run("topics", deep, "--tree", "--csv").stdout)))
    assert [row["layer"] for row in rows] == list("000112")
    assert rows[-1]["parent"] == ""


@pytest.mark.parametrize("measure", MEASURES)
def test_words_by_measure(run, model, measure):
    topics = json.loads(run("topics", model, "--measure", measure, "-n", 4, "--json").stdout)
    loaded = TopicModel.load(model)
    for topic in topics:
        expected = loaded.get_topic(topic["topic"], 4, measure=measure)
        assert topic["words"] == expected["word"].tolist()
        assert topic["probabilities"] == expected["probability"].tolist()


def test_measures_are_those_of_the_model(run, refused, model):
    refused(run("topics", model, "--measure", "nope"), "--measure")
    refused(run("topics", model, "--measure", "lift", "--given", "a=b"), "--measure")


def test_a_tree_needs_layers(run, refused, model):
    refused(run("topics", model, "--tree"), "--upper-components")
    refused(run("topics", model, "--tree", "--given", "a=b"), "exclude each other")


def test_more_words_than_there_are(run, model):
    topics = json.loads(run("topics", model, "-n", 1000, "--json").stdout)
    assert [len(topic["words"]) for topic in topics] == [30, 30, 30]


@pytest.fixture
def model_of_places(run, tmp_path):
    folder = tmp_path
    rows = ["text,place"] + ["cats purr and cats sleep,home", "cats climb and cats hunt,wood"] * 20
    (folder / "cats.csv").write_text("\n".join(rows) + "\n")
    options = ["-k", 1, "--content", "place", "--max-df", "1.0", "-o", folder / "m", "--quiet"]
    assert run("fit", folder / "cats.csv", *options).exit_code == 0
    return folder / "m"


def test_words_of_a_group(run, model_of_places):
    (topic,) = json.loads(
        run("topics", model_of_places, "-n", 3, "--given", "place=wood", "--json").stdout
    )
    assert sorted(topic["words"]) == ["cats", "climb", "hunt"]
    line = run("topics", model_of_places, "-n", 3, "--given", "place=home").stdout.splitlines()[1]
    assert "purr" in line
    assert "hunt" not in line


def test_groups_that_the_model_does_not_know(run, model_of_places):
    for given, message in (
        ("place", "expected a column and one of its values, such as place=home, got 'place'"),
        ("place=sea", "no 'place' with the value 'sea'; choose one of 'home', 'wood'"),
        ("party=Con", "the model's words differ by 'place'"),
    ):
        result = run("topics", model_of_places, "--given", given)
        assert result.exit_code == 2
        assert message in result.stderr
        assert len(result.stderr.splitlines()) == 1


def test_words_of_groups_need_content(run, model):
    result = run("topics", model, "--given", "party=Con")
    assert result.exit_code == 2
    assert "without groups of documents" in result.stderr
