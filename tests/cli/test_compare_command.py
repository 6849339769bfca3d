import json
import re
import shutil
from pathlib import Path

import pytest

from topicgen import TopicModel


@pytest.fixture
def two(model, news, run, tmp_path):
    """A model and another of two topics."""
    folder = tmp_path / "two"
    result = run("fit", news, "-k", 2, "-o", folder, "--max-epochs", 5, "--quiet")
    assert result.exit_code == 0
    return model, folder


@pytest.fixture
def words():
    """Three documents of words that the models know."""
    return "market stocks shares bank\nmatch goal team player\nalbum band song guitar\n"


def test_tables(run, news, two):
    result = run("compare", *two, news)
    assert result.exit_code == 0
    settings, documents = result.stderr.splitlines()
    names = "'max_epochs=30, n_components=3' and 'max_epochs=5, n_components=2'"
    assert settings.startswith(f"topicgen: warning: {names} have only one model each, so the tests")
    said = "'news-model' and 'two' were fitted to most of these documents, and models predict"
    assert documents.startswith(f"topicgen: warning: {said}")
    head, scores, tests, matches = result.stdout.rstrip("\n").split("\n\n")
    assert head == "90 documents; topics by their top 10 words"
    assert re.match(r"model +topics +tokens +perplexity +95% interval +NPMI, 95% ", scores)
    assert re.search(
        r"\nnews-model +3 +1,350 +\d\d\.\d +\S+ to \S+ +\d\.\d{3} ± \S+( +\d\.\d{3}){3}\n",
        scores,
    )
    assert re.search(r"\ntwo +2 ", scores)
    number = r"[+-]\d\.\d{4}"
    assert re.search(
        rf"\nnews-model +two +0\.\d{{3}} +{number} +{number} to {number} +\d\.\d{{4}} +\d", tests
    )
    assert matches.startswith("topics of news-model and their matches in two:\n")
    assert len(re.findall(r"^ +\d\.\d{3}  ", matches, re.MULTILINE)) == 2
    assert max(map(len, result.stdout.splitlines())) <= 100


def test_stability_of_three_models_and_all_matches(run, news, two, tmp_path):
    third = shutil.copytree(two[0], tmp_path / "third")
    result = run("compare", *two, third, news, "--matches", "-n", 3)
    assert re.search(
        r"\nstability, the mean similarity over all pairs of models, of different settings too: "
        r"0\.\d{3}\n",
        result.stdout,
    )
    assert "topics of news-model and their matches in third:\n" in result.stdout
    assert len(re.findall(r"^ +1\.000  ", result.stdout, re.MULTILINE)) == 3


def test_the_least_similar_topics_are_shown_by_default(run, news, tmp_path):
    many = []
    for seed in (0, 1):
        many.append(tmp_path / f"seed{seed}")
        run("fit", news, "-k", 7, "-o", many[-1], "--max-epochs", 1, "--quiet", "--seed", seed)
    title = "topics of seed0 and their matches in seed1"
    assert f"{title}, the 5 least similar of 7:\n" in run("compare", *many, news).stdout
    assert f"{title}:\n" in run("compare", *many, news, "--matches").stdout


def test_settings_of_several_seeds(run, news, tmp_path):
    several = []
    for k, seed in ((3, 0), (3, 1), (2, 0), (2, 1)):
        several.append(tmp_path / f"k{k}-seed{seed}")
        run("fit", news, "-k", k, "-o", several[-1], "--max-epochs", 5, "--quiet", "--seed", seed)
    result = run("compare", *several, news)
    assert result.exit_code == 0
    assert result.stderr.count("\n") == 1
    assert "'k3-seed0', 'k3-seed1', 'k2-seed0' and 1 more model were fitted to" in result.stderr
    number = r"[+-]\d\.\d{4}"
    assert re.search(r"\nn_components=3 +2 +\d\d\.\d +\d+\.\d to \d+\.\d ", result.stdout)
    assert re.search(
        rf"\nn_components=3 +n_components=2 +{number} +{number} to {number} ", result.stdout
    )
    report = json.loads(run("compare", *several, news, "--json").stdout)
    assert [row["models"] for row in report["settings"]] == [
        ["k3-seed0", "k3-seed1"],
        ["k2-seed0", "k2-seed1"],
    ]
    (test,) = report["setting_tests"]
    assert test["low"] < test["difference"] < test["high"]
    # Without a second seed of two topics, there is a mean of three topics and no test of settings.
    fewer = run("compare", *several[:3], news)
    assert "warning: 'n_components=2' has only one model, so the tests" in fewer.stderr
    assert re.search(r"\nn_components=3 +2 .* 0\.\d{3}\n", fewer.stdout)
    assert re.search(r"\nn_components=2 +1 .* -\n", fewer.stdout)
    of_all = "stability, the mean similarity over all pairs of models, of different settings too: "
    assert re.search(of_all + r"0\.\d{3}\n", fewer.stdout.replace("\n0", " 0"))
    assert "\nsettings, averaged over seeds" in fewer.stdout
    assert "\nsetting minus other" not in fewer.stdout


def test_json(run, news, two):
    report = json.loads(run("compare", *two, news, "--json", "-n", 4).stdout)
    assert report["models"] == {"news-model": str(two[0]), "two": str(two[1])}
    assert (report["input"], report["documents"]) == (news, 90)
    assert [(row["model"], row["n_topics"]) for row in report["scores"]] == [
        ("news-model", 3),
        ("two", 2),
    ]
    texts = [line.split(",")[1] for line in Path(news).read_text().splitlines()[1:]]
    expected = TopicModel.load(two[0]).perplexity(texts)
    assert report["scores"][0]["perplexity"] == pytest.approx(expected)
    (test,) = report["tests"]
    assert test["low"] < test["difference"] < test["high"]
    assert test["p_value"] == test["p_holm"]
    assert report["stability"] == test["similarity"]
    assert [len(row["words"]) for row in report["matches"]] == [4, 4]


def test_standard_input(run, two, words):
    result = run("compare", *two, "-", input=words)
    assert result.exit_code == 0
    assert result.stdout.startswith("3 documents; ")
    lines = result.stderr.splitlines()
    assert len(lines) == 3
    assert "have only one model each" in lines[0]
    assert all("expected texts with all words of the topics" in line for line in lines[1:])


def test_a_corpus_folder_is_counted_by_each_model(run, news, two, tmp_path):
    assert run("corpus", "build", news, "-o", tmp_path / "corpus").exit_code == 0
    reports = [
        json.loads(run("compare", *two, source, "--json").stdout)
        for source in (news, tmp_path / "corpus")
    ]
    assert reports[0]["scores"] == reports[1]["scores"]
    assert reports[0]["tests"] == reports[1]["tests"]


def test_other_vocabularies_are_not_tested(run, news, model, tmp_path):
    folder = tmp_path / "fewer-words"
    run("fit", news, "-k", 3, "-o", folder, "--max-epochs", 5, "--quiet", "--max-features", 25)
    result = run("compare", model, folder, news)
    assert result.exit_code == 0
    assert re.search(r"\nnews-model +fewer-words +0\.\d{3}( +-){4} +\S+ ± \S+\n", result.stdout)
    assert "but 'news-model' and 'fewer-words' do not; their perplexities" in result.stderr
    report = json.loads(run("compare", model, folder, news, "--json").stdout)
    assert report["tests"][0]["p_value"] is None


def test_models_of_one_folder_name_keep_their_paths(run, news, model, tmp_path):
    other = shutil.copytree(model, tmp_path / "other" / model.name)
    report = json.loads(run("compare", model, other, news, "--json").stdout)
    assert report["models"] == {str(model): str(model), str(other): str(other)}
    assert report["stability"] == 1


def test_mistakes(run, refused, news, model, two, tmp_path):
    refused(run("compare", model, news), "two or more model folders before INPUT", "got only")
    refused(run("compare", model), "missing argument")
    refused(run("compare", model, model, news), "expected different models, got", "twice")
    refused(run("compare", *two, two[0]), "documents as the last argument", "the model folder")
    refused(run("compare", *two, tmp_path / "nothing.txt"), "nothing.txt")
    refused(run("compare", model, tmp_path / "nothing", news), "nothing")
