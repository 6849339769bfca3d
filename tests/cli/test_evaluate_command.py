import json
import re

import pytest

NAMES = {
    "document_completion_perplexity": "perplexity, document completion",
    "elbo_perplexity": "perplexity, ELBO",
    "elbo_perplexity_per_document": "perplexity, ELBO, average over documents",
    "iwae_perplexity": "perplexity, IWAE",
    "npmi": "coherence, NPMI of document co-occurrence",
    "u_mass": "coherence, UMass",
    "topic_diversity": "topic diversity",
}
LABEL_NAMES = {
    "purity": "purity of the top topic",
    "nmi": "normalised mutual information of the top topic",
}


def test_every_score_is_named(run, news, model):
    result = run("evaluate", model, news, "--label-column", "subject")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith(
        "90 documents, 90 with known words, 90 with labels; 2,700 tokens of the vocabulary, "
        "0.0% of all tokens outside it\n"
    )
    for name in [*NAMES.values(), *LABEL_NAMES.values()]:
        assert re.search(rf"\n  {name} +-?\d+\.\d+\n", result.stdout)


def test_json(run, news, model):
    report = json.loads(run("evaluate", model, news, "--json").stdout)
    scores = report.pop("scores")
    assert report == {
        "model": str(model),
        "input": news,
        "documents": 90,
        "empty": 0,
        "labelled": 0,
        "tokens": 2700,
        "unknown_token_share": 0.0,
    }
    assert set(scores) == set(NAMES)
    assert 1 < scores["iwae_perplexity"] <= scores["elbo_perplexity"] * 1.01
    # Each document is made of ten words.
    assert 9 < scores["document_completion_perplexity"] < 15


def test_labels_of_a_folder_tree(run, model, subjects, tmp_path):
    for subject, words in subjects.items():
        (tmp_path / "texts" / subject).mkdir(parents=True)
        for number in range(2):
            (tmp_path / "texts" / subject / f"{number}.txt").write_text(" ".join(sorted(words)))
    report = json.loads(run("evaluate", model, tmp_path / "texts", "--json").stdout)
    assert report["labelled"] == 6
    assert report["scores"]["purity"] == report["scores"]["nmi"] == pytest.approx(1)


def test_unknown_words_are_told(run, model, subjects):
    text = " ".join(word for words in subjects.values() for word in sorted(words))
    result = run("evaluate", model, "-", "--json", input=f"{text} {'unheard ' * 10}\n\n")
    report = json.loads(result.stdout)
    assert report["unknown_token_share"] == pytest.approx(0.25)
    assert (report["documents"], report["empty"], report["tokens"]) == (2, 1, 30)


def test_coherence_is_of_the_words_that_are_there(run, model, subjects):
    text = " ".join(sorted(subjects["music"])[1:])
    result = run("evaluate", model, "-", "--json", input=f"{text}\n" * 3 + "market\n")
    scores = json.loads(result.stdout)["scores"]
    # Nine words of music in the same three of four documents.
    assert scores["npmi"] == pytest.approx(1)
    assert scores["u_mass"] == pytest.approx(0, abs=1e-9)
    assert result.stderr.startswith("topicgen: warning: ")
    assert "got none with 20 words of them, first " in result.stderr
    assert result.stderr.count("\n") == 1


def test_without_two_words_of_a_topic_there_is_no_coherence(run, model):
    result = run("evaluate", model, "-", input="market song\n")
    assert result.exit_code == 0
    assert re.search(r"\n  coherence, UMass +-\n", result.stdout)
    assert "got none with 28 words" in result.stderr


def test_no_known_word_at_all_is_refused(run, refused, model):
    refused(run("evaluate", model, "-", input="unheard of\n"), "words of the model's vocabulary")
