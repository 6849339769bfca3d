import json
import math
import re

import pytest

PERPLEXITIES = {"document_completion": "document completion", "elbo": "ELBO", "iwae": "IWAE"}
NAMES = {
    "npmi": "coherence, NPMI of document co-occurrence",
    "u_mass": "coherence, UMass",
    "topic_diversity": "topic diversity",
    "inverted_rbo": "inverted rank-biased overlap",
    "exclusivity": r"exclusivity \(FREX\)",
}
LABEL_NAMES = {
    "purity": "purity of the top topic",
    "nmi": "normalised mutual information of the top topic",
    "adjusted_rand_index": "adjusted Rand index of the top topic",
    "classification_accuracy": "accuracy of a linear classifier, 5 folds",
}


def test_every_score_is_named(run, news, model):
    result = run("evaluate", model, news, "--label-column", "subject")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith(
        "90 documents, 90 with known words, 90 with labels; 2,700 tokens in the vocabulary, "
        "0.0% of all tokens outside it\n"
    )
    for name in PERPLEXITIES.values():
        interval = r" +\d+\.\d to \d+\.\d"
        assert re.search(rf"\n  {name} +\d+\.\d{interval}( +\d+\.\d){{3}}\n", result.stdout)
    for name in [*NAMES.values(), *LABEL_NAMES.values()]:
        interval = r"  \(-?\d+\.\d+ to -?\d+\.\d+\)" if "coherence" in name else ""
        assert re.search(rf"\n  {name} +-?\d+\.\d+{interval}\n", result.stdout)


def test_json(run, news, model):
    report = json.loads(run("evaluate", model, news, "--json").stdout)
    scores, perplexities = report.pop("scores"), report.pop("perplexities")
    intervals = report.pop("intervals")
    assert report == {
        "model": str(model),
        "input": news,
        "documents": 90,
        "empty": 0,
        "labelled": 0,
        "tokens": 2700,
        "unknown_token_share": 0.0,
    }
    assert set(intervals) == {"npmi", "u_mass"}
    for key, (low, high) in intervals.items():
        assert low <= scores[key] <= high
    keys = [f"{method}_perplexity" for method in PERPLEXITIES]
    assert set(scores) == {*keys, *(f"{key}_per_document" for key in keys), *NAMES}
    assert 1 < scores["iwae_perplexity"] <= scores["elbo_perplexity"] * 1.01
    # Each document is made of ten words.
    assert 9 < scores["document_completion_perplexity"] < 15
    assert [row["method"] for row in perplexities] == list(PERPLEXITIES)
    for row in perplexities:
        assert row["perplexity"] == scores[f"{row['method']}_perplexity"]
        assert 0 < row["standard_error"] < 1
        assert row["low"] < row["perplexity"] < row["high"]
        # Thirty words, each as frequent.
        assert row["perplexity"] < 20 < row["unigram"] < 31
        assert row["n_unknown"] == 0


def test_annealed_importance_sampling_on_demand(run, news, model):
    report = json.loads(run("evaluate", model, news, "--json", "--ais").stdout)
    scores = report["scores"]
    assert 9 < scores["ais_perplexity"] < scores["elbo_perplexity"]
    assert "\n  AIS " in run("evaluate", model, news, "--ais").stdout


def test_bursts_are_scored_in_sequence_too(run, news, tmp_path):
    folder = tmp_path / "bursts"
    fit = ["fit", news, "-o", folder, "-k", "3", "--max-epochs", "2", "--seed", "0"]
    assert run(*fit, "--likelihood", "negative_binomial").exit_code == 0
    assert "\n  document completion in sequence " in run("evaluate", folder, news).stdout
    report = json.loads(run("evaluate", folder, news, "--json").stdout)
    methods = [row["method"] for row in report["perplexities"]]
    assert methods == ["document_completion", "document_completion_in_sequence", "elbo", "iwae"]


def test_coherences_in_the_windows_of_a_reference(run, news, model, subjects, tmp_path):
    # All words of a subject are in one text, within a window, and in no other.
    texts = [" ".join(sorted(words)) for words in subjects.values()]
    reference = tmp_path / "reference.txt"
    reference.write_text("\n".join([*texts, "nothing of interest"]))
    plain = run("evaluate", model, news, "--reference", reference)
    assert (plain.exit_code, plain.stderr) == (0, "")
    report = json.loads(run("evaluate", model, news, "--json", "--reference", reference).stdout)
    scores = report["scores"]
    assert scores["reference_npmi"] == pytest.approx(1)
    assert scores["reference_c_v"] == pytest.approx(1)
    assert scores["reference_c_uci"] == pytest.approx(math.log(4))
    assert scores["reference_u_mass"] == pytest.approx(0, abs=1e-9)
    low, high = report["intervals"]["reference_npmi"]
    assert low <= 1 <= high
    for measure in ("NPMI", "C_V", "UCI"):
        assert f"\n  coherence, {measure} in windows of the reference " in plain.stdout


def test_a_reference_of_counts_has_no_windows(run, news, model, tmp_path):
    run("corpus", "build", news, "-o", tmp_path / "corpus")
    report = json.loads(
        run("evaluate", model, news, "--json", "--reference", tmp_path / "corpus").stdout
    )
    scores = report["scores"]
    assert scores["reference_npmi"] == pytest.approx(scores["npmi"])
    assert scores["reference_u_mass"] == pytest.approx(scores["u_mass"])
    assert "reference_c_v" not in scores


def test_standard_input_is_read_once(run, refused, model):
    refused(run("evaluate", model, "-", "--reference", "-", input="market\n"), "--reference")


def test_labels_of_a_folder_tree(run, model, subjects, tmp_path):
    for subject, words in subjects.items():
        (tmp_path / "texts" / subject).mkdir(parents=True)
        for number in range(2):
            (tmp_path / "texts" / subject / f"{number}.txt").write_text(" ".join(sorted(words)))
    report = json.loads(run("evaluate", model, tmp_path / "texts", "--json").stdout)
    assert report["labelled"] == 6
    assert report["scores"]["purity"] == report["scores"]["nmi"] == pytest.approx(1)
    assert report["scores"]["adjusted_rand_index"] == pytest.approx(1)
    # Two documents of a label are too few for five folds.
    assert report["scores"]["classification_accuracy"] is None


def test_unknown_words_are_counted(run, model, subjects):
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
    assert "got none with 20 of them, first " in result.stderr
    assert result.stderr.count("\n") == 1


def test_without_two_words_of_a_topic_there_is_no_coherence(run, model):
    result = run("evaluate", model, "-", input="market song\n")
    assert result.exit_code == 0
    assert re.search(r"\n  coherence, UMass +-\n", result.stdout)
    assert "got none with 28 of" in result.stderr


def test_no_known_word_at_all_is_refused(run, refused, model):
    refused(run("evaluate", model, "-", input="unheard of\n"), "a word of the model's vocabulary")
