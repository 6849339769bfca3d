"""OCTIS scores our topics as we do, and reads our corpora."""

import numpy as np
import pytest
from scipy.stats import entropy

from topicgen.corpus import Corpus
from topicgen.corpus.formats import read_corpus, write_corpus
from topicgen.evaluation import coherence, inverted_rbo, topic_diversity

REASON = "OCTIS is not installed: pip install --no-deps octis"
coherence_metrics = pytest.importorskip("octis.evaluation_metrics.coherence_metrics", reason=REASON)
diversity_metrics = pytest.importorskip("octis.evaluation_metrics.diversity_metrics", reason=REASON)
significance = pytest.importorskip(
    "octis.evaluation_metrics.topic_significance_metrics", reason=REASON
)
classification = pytest.importorskip(
    "octis.evaluation_metrics.classification_metrics", reason=REASON
)
Dataset = pytest.importorskip("octis.dataset.dataset", reason=REASON).Dataset

TOP_N = 10


@pytest.fixture(scope="module")
def tokens(planted_texts):
    return [text.split() for text in planted_texts]


@pytest.fixture(scope="module")
def output(model, planted_texts):
    return model.to_octis(planted_texts, TOP_N)


@pytest.mark.parametrize("n_words", [3, TOP_N])
def test_diversity(output, n_words):
    ours = topic_diversity([topic[:n_words] for topic in output["topics"]])
    assert diversity_metrics.TopicDiversity(topk=n_words).score(output) == pytest.approx(ours)


def test_inverted_rank_biased_overlap(output):
    lists = [["a", "b", "c"], ["b", "a", "d"], ["e", "a", "c"]]
    for topics in (lists, output["topics"]):
        theirs = diversity_metrics.InvertedRBO(topk=len(topics[0])).score({"topics": topics})
        assert theirs == pytest.approx(inverted_rbo(topics), abs=1e-9)


@pytest.mark.parametrize("measure", ["u_mass", "c_uci", "c_npmi", "c_v"])
def test_coherence(output, tokens, measure):
    theirs = coherence_metrics.Coherence(texts=tokens, topk=TOP_N, measure=measure)
    assert theirs.score(output) == pytest.approx(
        coherence(output["topics"], tokens, measure), abs=1e-6
    )


def test_topic_significance(model, output, planted_texts):
    """OCTIS adds 1e-5 to each probability, which moves these divergences by less than .01."""
    n_topics, n_words = model.components_.shape
    uniform = np.mean(
        [entropy(topic, np.full(n_words, 1 / n_words)) for topic in model.components_]
    )
    assert significance.KL_uniform().score(output) == pytest.approx(uniform, abs=0.01)
    proportions = model.transform(planted_texts)
    mixture = proportions.mean(0) @ model.components_
    vacuous = np.mean([entropy(topic, mixture) for topic in model.components_])
    assert significance.KL_vacuous().score(output) == pytest.approx(vacuous, abs=0.01)
    documents = [entropy(proportions[:, topic]) for topic in range(n_topics)]
    background = np.log(len(proportions)) - np.mean(documents)
    assert significance.KL_background().score(output) == pytest.approx(background, abs=0.01)


@pytest.fixture
def folder(tmp_path, planted_counts):
    """A corpus with 60 documents to train on, 30 to validate and 30 to test, in no order."""
    splits = np.random.default_rng(0).permutation(np.repeat(["train", "val", "test"], [60, 30, 30]))
    corpus = Corpus(
        planted_counts,
        [f"q{column}" for column in range(30)],
        [f"{split}/{row}" for row, split in enumerate(splits, start=1)],
        [f"topic {row % 3}" for row in range(120)],
    )
    write_corpus(corpus, tmp_path / "o", "octis")
    return tmp_path / "o"


def test_it_reads_our_corpus(folder):
    ours = read_corpus(folder)
    theirs = Dataset()
    theirs.load_custom_dataset_from_folder(str(folder))
    order = np.argsort(
        [("train", "val", "test").index(split) for split in ours.splits], kind="stable"
    )
    assert theirs.get_vocabulary() == ours.vocabulary
    assert theirs.get_labels() == [ours.labels[row] for row in order]
    assert list(map(len, theirs.get_partitioned_corpus())) == [60, 30, 30]
    for row, words in zip(order, theirs.get_corpus(), strict=True):
        expected = dict(zip(ours.vocabulary, ours.counts[row].toarray()[0].tolist(), strict=True))
        assert {word: words.count(word) for word in ours.vocabulary} == expected


def test_we_read_what_it_saves(folder, tmp_path):
    theirs = Dataset()
    theirs.load_custom_dataset_from_folder(str(folder))
    theirs.save(str(tmp_path / "again"))
    again, ours = read_corpus(tmp_path / "again"), read_corpus(folder)
    assert again.n_tokens == ours.n_tokens
    assert again.vocabulary == ours.vocabulary
    assert sorted(again.splits) == sorted(ours.splits)


def test_it_classifies_documents_by_our_topics(model, folder, planted_texts):
    """Its classifier learns from the training documents, and predicts those of the test."""
    dataset = Dataset()
    dataset.load_custom_dataset_from_folder(str(folder))
    splits = np.array(read_corpus(folder).splits)
    texts = np.array(planted_texts)
    output = model.to_octis(texts[splits == "train"])
    test = model.to_octis(texts[splits == "test"])
    output["test-topic-document-matrix"] = test["topic-document-matrix"]
    assert classification.AccuracyScore(dataset).score(output) == 1
