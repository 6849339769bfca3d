import numpy as np
import pytest
from scipy import stats

from topicgen import evaluation
from topicgen.comparison.coherence import coherences
from topicgen.comparison.readings import read
from topicgen.comparison.tables import match_rows, pair_rows, score_rows


@pytest.fixture(scope="module")
def readings(models, planted_texts):
    return read(models, planted_texts, top_n=10)


def scores_of(readings):
    return score_rows(readings, coherences(readings, seed=0), n_resamples=99, seed=0)


def pairs_of(readings, n_resamples):
    return pair_rows(readings, coherences(readings, seed=0), n_resamples, seed=0)


def test_scores_are_those_of_evaluation(readings, models, planted_texts):
    three, _, one = scores_of(readings)
    model, topics = models["three"], readings["three"].topics
    scored = model.document_log_likelihood(planted_texts)
    assert three["perplexity"] == evaluation.perplexity(*scored).corpus
    ends = evaluation.perplexity_interval(*scored, n_resamples=99)
    assert (three["perplexity_low"], three["perplexity_high"]) == ends
    tokens = [text.split() for text in planted_texts]
    npmi = evaluation.coherence(topics, tokens, "c_npmi", window="document", per_topic=True)
    assert three["npmi"] == pytest.approx(npmi.mean())
    assert three["npmi_low"] < three["npmi"] < three["npmi_high"]
    assert three["topic_diversity"] == evaluation.topic_diversity(topics)
    assert three["inverted_rbo"] == evaluation.inverted_rbo(topics)
    assert three["exclusivity"] == evaluation.exclusivity(model.components_, 10)
    assert (three["n_topics"], three["n_tokens"], one["n_topics"]) == (3, 120 * 20, 1)


def test_what_one_topic_has_no_score_for_is_not_a_number(readings):
    one = scores_of({"one": readings["one"]})[0]
    missing = {key for key, value in one.items() if np.isnan(value)}
    assert missing == {"inverted_rbo"}


def test_words_that_no_document_has_are_told(models, subset):
    readings = read({"three": models["three"]}, subset, top_n=10)
    topics = readings["three"].topics
    present = {word for text in subset for word in text.split()}
    n_absent = sum(word not in present for topic in topics for word in topic)
    assert n_absent > 0
    with pytest.warns(UserWarning, match=f"got none with {n_absent} of them"):
        row = scores_of(readings)[0]
    kept = [[word for word in topic if word in present] for topic in topics]
    kept = [topic for topic in kept if len(topic) > 1]
    tokens = [text.split() for text in subset]
    npmi = evaluation.coherence(kept, tokens, "c_npmi", window="document")
    assert row["npmi"] == pytest.approx(npmi)


def test_no_two_words_of_any_topic_have_no_coherence(models, planted_texts):
    readings = read({"three": models["three"]}, [planted_texts[0].split()[0]] * 2, top_n=10)
    with pytest.warns(UserWarning, match="expected texts with all words of the topics"):
        row = scores_of(readings)[0]
    assert np.isnan([row["npmi"], row["npmi_low"], row["npmi_high"]]).all()


@pytest.fixture
def subset(planted_texts):
    """Two documents, without some of the words."""
    return [" ".join(text.split()[:25]) for text in planted_texts[:2]]


def test_pairs_are_tested_and_corrected(readings):
    rows = pairs_of(readings, 999)
    npmi = coherences(readings, seed=0)
    assert [(row["model"], row["other"]) for row in rows] == [
        ("three", "again"),
        ("three", "one"),
        ("again", "one"),
    ]
    for row in rows:
        one, other = readings[row["model"]], readings[row["other"]]
        test = evaluation.paired_test(
            one.log_likelihood, other.log_likelihood, one.n_tokens, n_resamples=999
        )
        assert {key: row[key] for key in test._fields} == test._asdict()
        assert row["similarity"] == evaluation.stability([one.topics, other.topics])
        pair = npmi[row["model"]], npmi[row["other"]]
        assert row["npmi_difference"] == pytest.approx(pair[0].mean - pair[1].mean)
        error = np.nanstd(pair[0].halves - pair[1].halves)
        margin = stats.t.ppf(0.975, 119) * error  # of 120 documents
        assert row["npmi_difference_high"] - row["npmi_difference"] == pytest.approx(margin)
    corrected = evaluation.holm([row["p_value"] for row in rows])
    assert [row["p_holm"] for row in rows] == corrected.tolist()
    # Three topics were planted.
    assert all(row["low"] > 0.1 and row["p_holm"] < 0.01 for row in rows[1:])


def test_models_of_other_tokens_are_not_tested(readings, other_words, planted_texts):
    other = read({"other": other_words}, planted_texts, top_n=10)
    with pytest.warns(UserWarning, match="but 'three' and 'other' and 2 more pairs do not; "):
        rows = pairs_of(readings | other, 99)
    tested = [row for row in rows if row["other"] != "other"]
    assert tested == pairs_of(readings, 99)
    left_out = [row for row in rows if row["other"] == "other"]
    assert len(left_out) == 3
    for row in left_out:
        assert 0 < row["similarity"] < 1
        missing = {key for key, value in row.items() if value != value}
        assert missing == {"difference", "low", "high", "p_value", "p_holm"}
        assert np.isfinite(row["npmi_difference"])


def test_topics_are_matched_with_those_of_the_first(readings):
    rows = match_rows(readings)
    again, one = rows[:3], rows[3:]
    assert [row["topic"] for row in again] == [0, 1, 2]
    assert {row["other_topic"] for row in again} == {0, 1, 2}
    for row in again:
        assert row["words"] == readings["three"].topics[row["topic"]]
        assert row["other_words"] == readings["again"].topics[row["other_topic"]]
        # The ten words of a planted topic, whatever their order.
        assert len({*row["words"]} & {*row["other_words"]}) >= 9
    assert [(row["model"], row["other"], row["other_topic"]) for row in one] == [
        ("three", "one", 0)
    ]
