"""Models to draw: of any size without training, and two that were trained."""

import numpy as np
import pytest

from topicgen import TopicModel
from topicgen.topic_model.diagnostics import Diagnostics
from topicgen.topic_model.fitted import Evidence, Fitted, Origin, Structure
from topicgen.topic_model.occurrence import Occurrence

DOCS = ["cats purr and cats sleep", "dogs bark and dogs run", "stocks fell and stocks rose"] * 20


def made(n_topics, words=None, **changes):
    """Return a model of so many topics, with 12 words for each; the shares fall with the number."""
    random = np.random.default_rng(n_topics)
    n_words = 12 * n_topics if words is None else len(words)
    words = [f"word{column}" for column in range(n_words)] if words is None else words
    logits = np.log(random.dirichlet(np.full(n_words, 0.1), n_topics) + 1e-6)
    share = np.arange(n_topics, 0, -1) / np.arange(n_topics + 1).sum()
    middle = random.uniform(0.2, 0.8, n_topics)
    ends = np.array([middle, middle - 0.1, middle + 0.1])
    history = tuple(
        {"epoch": epoch, "temperature": 1.0, "log_likelihood": -6.0 + epoch, "perplexity": value}
        for epoch, value in enumerate([90.0, 70.0, 80.0], start=1)
    )
    fields = {
        "structure": Structure("negative_binomial", "multinomial", "explicit"),
        "weights": {
            "topic_logits": logits,
            "free": np.ones((n_topics, 1)),
            "log_frequency": np.zeros(n_words),
        },
        "vocabulary": list(words),
        "recipe": None,
        "has_feature_names": False,
        "evidence": Evidence(
            10, 100.0, np.ones((n_topics, 2)) / 2, share, Occurrence(ends, ends, ends / 2, ends)
        ),
        "history": history,
        "diagnostics": Diagnostics(0.0, n_topics, n_topics, 1.0, 0.0, 1.0),
        "validation_indices": np.arange(0),
        "seed": 0,
        "n_updates": 0,
        "optimizer": {},
        "origin": Origin("0", "2026-01-01", "counts", None, 10, n_words, 100.0),
    }
    return Fitted(**(fields | changes))


@pytest.fixture(scope="session")
def model_of():
    return made


@pytest.fixture(scope="session")
def trained():
    return TopicModel(3, max_epochs=8, random_state=0).fit(DOCS)


@pytest.fixture(scope="session")
def deep():
    model = TopicModel(4, upper_components=(3, 2), max_epochs=2, random_state=0)
    return model.fit(DOCS)


# Words that would act on a figure if they were not taken as text: mathematics, TeX, markup, escape
# sequences, a reversed direction, line breaks, and a word of a million letters.
HOSTILE = [
    "$x^{2$",
    r"\frac{1}{",
    "$\\undefined$",
    "<script>alert(1)</script>",
    '"><img onerror=alert(1)>',
    "]]></svg>",
    "a\x1b[2Jb",
    "\u202eabc",
    "two\nlines",
    "100%_#&{}",
    "\ud800",
    "w" * 1_000_000,
    "سلام",
    "שלום",
]


@pytest.fixture(scope="session")
def hostile():
    return HOSTILE


@pytest.fixture(scope="session")
def hostile_model():
    """A model of which words, names and labels are hostile."""
    names = (HOSTILE[0], HOSTILE[3], HOSTILE[-3], "two\nlines\x00")
    return made(4, HOSTILE, names=names)
