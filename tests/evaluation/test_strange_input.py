"""Whatever is passed in place of an argument: a score, or an error of one line that is ours."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
import scipy.sparse as sp
import torch

from topicgen import evaluation
from topicgen.errors import InputError

THETA = [[0.5, 0.5], [0.25, 0.75], [1.0, 0.0]]
BETA = [[0.5, 0.5, 0.0], [0.0, 0.5, 0.5]]
COUNTS = [[1, 0, 2], [0, 0, 3], [1, 1, 0]]
WORDS = ["a", "b", "c"]
TOPICS = [["a", "b"], ["b", "c"]]
TEXTS = [["a", "b"], ["b", "c"], ["a", "c", "b"]]
LABELS = {"labels": list("aab"), "clusters": [0, 0, 1]}


class Foreign:
    """A model of scikit-learn, gensim and tomotopy at once."""

    components_ = BETA
    id2word = dict(enumerate(WORDS))  # noqa: RUF012
    used_vocabs = WORDS
    k = 2

    def get_topics(self):
        return np.array(BETA)

    def get_topic_word_dist(self, topic):
        return BETA[topic]


VECTORS = {"a": [1, 0], "b": [0, 1], "c": [1, 1]}
CALLS = {
    "log_likelihood": {"doc_topic": THETA, "topic_word": BETA, "counts": COUNTS},
    "completion_perplexity": {"doc_topic": THETA, "topic_word": BETA, "held_out": COUNTS},
    "classification_accuracy": {
        "doc_topic": THETA[:2] * 2,
        "labels": list("abab"),
        "folds": 2,
        "random_state": 0,
    },
    "frex": {"topic_word": BETA, "weight": 0.7},
    "exclusivity": {"topic_word": BETA, "top_n": 2},
    "split_tokens": {"counts": COUNTS, "random_state": 0},
    "purity": LABELS,
    "normalized_mutual_information": LABELS,
    "adjusted_rand_index": LABELS,
    "perplexity": {"log_prob": [-1.0, -2.0], "n_tokens": [1, 2]},
    "to_octis": {"topic_word": BETA, "doc_topic": THETA, "vocabulary": WORDS, "top_n": 2},
    "to_pyldavis": {
        "topic_word": BETA,
        "doc_topic": THETA,
        "counts": COUNTS,
        "vocabulary": WORDS,
    },
    "coherence": {
        "topics": TOPICS,
        "texts": TEXTS,
        "measure": "c_npmi",
        "window": 2,
        "top_n": 2,
        "vocabulary": None,
    },
    "coherence of counts": {"topics": TOPICS, "texts": COUNTS, "vocabulary": WORDS},
    "coherence of vectors": {
        "topics": TOPICS,
        "texts": None,
        "measure": "c_w2v",
        "vectors": VECTORS,
    },
    "coherence_scores": {
        "topics": TOPICS,
        "texts": TEXTS,
        "measures": ("c_npmi", "c_v"),
        "top_n": 2,
        "absent": "raise",
        "confidence": 0.9,
        "n_resamples": 10,
        "random_state": 0,
    },
    "topic_diversity": {"topics": TOPICS, "top_n": 2},
    "topic_uniqueness": {"topics": TOPICS, "top_n": 2},
    "inverted_rbo": {"topics": TOPICS, "top_n": 2, "p": 0.9},
    "match_topics": {"first": TOPICS, "second": TOPICS, "top_n": 2},
    "match_topics of arrays": {"first": BETA, "second": BETA, "top_n": None},
    "stability": {"models": [TOPICS, TOPICS], "top_n": 2},
    "paired_test": {
        "first": [-1.0, -2.0],
        "second": [-2.0, -3.0],
        "n_tokens": [1, 2],
        "confidence": 0.9,
        "n_resamples": 9,
        "random_state": 0,
    },
    "perplexity_interval": {
        "log_prob": [-1.0, -2.0],
        "n_tokens": [1, 2],
        "confidence": 0.9,
        "n_resamples": 9,
        "random_state": 0,
    },
    "holm": {"p_values": [0.1, 0.2]},
    "from_sklearn": {"model": Foreign(), "vocabulary": WORDS},
    "from_gensim": {"model": Foreign()},
    "from_tomotopy": {"model": Foreign()},
}

STRANGE = {
    "None": None,
    "NaN": float("nan"),
    "NA": pd.NA,
    "number": 1.5,
    "large number": 2**70,
    "complex": 1j,
    "string": "abc",
    "bytes": b"abc",
    "list": [],
    "set": {"a", "b"},
    "dictionary": {"a": 0},
    "object": object(),
    "type": int,
    "0-d array": np.array(1.0),
    "3-d array": np.ones((2, 2, 2)),
    "no rows": np.zeros((0, 3)),
    "no columns": np.zeros((3, 0)),
    "objects": np.array([[1, "a"], [None, 2]], dtype=object),
    "ragged": [[1, 2], [3]],
    "nested words": [[["a"]]],
    "words": WORDS,
    "missing words": [["a", None], ["b", "c"]],
    "sets": [{"a", "b"}, {"b"}],
    "frame": pd.DataFrame(COUNTS),
    "frame of words": pd.DataFrame({"a": ["x", "y", "z"]}),
    "frame in another order": pd.DataFrame(COUNTS, columns=WORDS[::-1]),
    "missing number": pd.Series([1, pd.NA, 3], dtype="Int64"),
    "missing string": pd.Series(["a", pd.NA, "b"], dtype="string"),
    "missing category": pd.Categorical(["a", "b", None]),
    "masked": np.ma.array([1, 2, 3], mask=[0, 1, 0]),
    "polars": pl.DataFrame({"a": [1, 2, None]}),
    "sparse": sp.csr_matrix(COUNTS),
    "sparse vector": sp.coo_array(np.ones(3)),
    "sparse complex": sp.csr_matrix([[1j]]),
    "tensor with a gradient": torch.ones(3, 3, requires_grad=True),
}


@pytest.mark.parametrize("call", CALLS)
def test_nothing_but_our_own_errors(call):
    score = getattr(evaluation, call.split()[0])
    score(**CALLS[call])
    messages = []
    for argument in CALLS[call]:
        for value in STRANGE.values():
            try:
                score(**{**CALLS[call], argument: value})
            except InputError as error:
                messages.append(str(error))
    assert messages
    assert not [message for message in messages if "\n" in message]
