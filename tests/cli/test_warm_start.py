import json

import pandas as pd
import pytest

from topicgen import TopicModel
from topicgen.cli.warm_start import carried_lines, carried_record


@pytest.fixture(scope="module")
def earlier(news, tmp_path_factory):
    """A model of three topics: one has a name, another one is frozen."""
    from click.testing import CliRunner

    from topicgen.cli import main

    folder = tmp_path_factory.mktemp("earlier") / "model"
    arguments = ["fit", news, "-k", 3, "-o", folder, "--quiet", "--extra-stop-words", "goal"]
    options = ["--label-column", "subject", "--max-epochs", 8, "--separation", 0.02]
    result = CliRunner().invoke(main, list(map(str, arguments + options)))
    assert result.exit_code == 0, result.output
    model = TopicModel.load(folder)
    model.rename({1: "the second"})
    model.freeze([2])
    model.save(folder, overwrite=True)
    return folder


def test_topics_are_carried_over_with_their_names(run, news, earlier, tmp_path):
    folder = tmp_path / "model"
    result = run("fit", news, "--warm-start", earlier, "-o", folder, "--quiet", "-k", 4)
    assert (result.exit_code, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    start = lines.index(next(line for line in lines if line.startswith("carried over")))
    assert lines[start].startswith("carried over: 3 of 3 topics  (similarity of their words: ")
    assert lines[start + 1] == "  names: 1 (the second)"
    assert lines[start + 2].startswith("  new: 3 (")
    model, before = TopicModel.load(folder), TopicModel.load(earlier)
    assert model.topic_names_ == [None, "the second", None, None]
    assert model.fitted_.frozen == (2,)
    assert (model.components_[2] == before.components_[2]).all()


def test_options_that_are_left_out_are_those_of_the_earlier_model(run, news, earlier, tmp_path):
    folder = tmp_path / "model"
    options = ["--warm-start", earlier, "--seed", 7, "--quiet", "--max-epochs", 2]
    assert run("fit", news, "-o", folder, *options).exit_code == 0
    model = TopicModel.load(folder)
    assert (model.n_components, model.separation, model.random_state) == (3, 0.02, 7)
    assert model.max_epochs == 2
    assert "goal" not in model.vocabulary_


def test_given_options_of_words_win(run, news, earlier, tmp_path):
    folder = tmp_path / "model"
    words = ["--extra-stop-words", "team,song"]
    assert run("fit", news, "--warm-start", earlier, "-o", folder, *words).exit_code == 0
    model = TopicModel.load(folder)
    assert {"team", "song"} & set(model.vocabulary_) == set()
    assert "goal" in model.vocabulary_
    assert "the" not in model.vocabulary_


def test_json_has_the_topics_carried_over_and_those_lost(run, news, earlier, tmp_path):
    options = ["--warm-start", earlier, "-k", 2, "--quiet", "--json", "-o", tmp_path / "model"]
    report = json.loads(run("fit", news, *options).stdout)
    carried = report["carried_over"]
    assert [row["topic"] for row in carried["topics"]] == [0, 1]
    assert len(carried["lost"]) == 1
    names = {row["before"]: row["name"] for row in carried["topics"]}
    assert names[1] == "the second"
    assert 2 in names  # frozen


def test_an_earlier_model_that_is_missing_is_refused_before_anything_is_read(run, tmp_path):
    result = run("fit", "nothing.csv", "--warm-start", tmp_path / "nope", "-o", tmp_path / "model")
    assert result.exit_code == 2
    assert "nope' does not exist; check the path" in result.stderr


def test_a_fit_without_an_earlier_model_says_nothing_of_it(fitted):
    assert "carried over" not in fitted[1]


TABLE = pd.DataFrame(
    {
        "topic": pd.array([0, 1, 2, None], dtype="Int64"),
        "before": pd.array([5, 1, None, 0], dtype="Int64"),
        "similarity": [0.9, 0.95, 0.3, 0.4],
        "name": pd.Series(["economy", None, None, "old"], dtype=object),
        "words": ["bank rate tax gold", "goal team", "song band", "law court judge"],
    }
)


def test_what_happened_to_topics_in_lines():
    assert carried_lines(TABLE) == [
        "carried over: 2 of 3 topics  (similarity of their words: mean 0.93, lowest 0.90)",
        "  names: 0 (economy)",
        "  new numbers: 5 is now 0",
        "  new: 2 (song, band)",
        "  lost: 0 (old)",
    ]


def test_many_topics_are_counted():
    many = pd.DataFrame(
        {
            "topic": pd.array(range(12), dtype="Int64"),
            "before": pd.array([None] * 12, dtype="Int64"),
            "similarity": [0.1] * 12,
            "name": pd.Series([None] * 12, dtype=object),
            "words": ["a b"] * 12,
        }
    )
    lines = carried_lines(many)
    assert lines[0] == "carried over: 0 of 0 topics"
    assert lines[1].endswith("9 (a, b) and 2 more")


def test_missing_numbers_are_null_in_json():
    record = carried_record(TABLE)
    assert [row["before"] for row in record["topics"]] == [5, 1, None]
    assert record["lost"] == [
        {"topic": None, "before": 0, "similarity": 0.4, "name": "old", "words": "law court judge"}
    ]
    json.dumps(record)
