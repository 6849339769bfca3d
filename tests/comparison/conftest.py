import pytest

from topicgen import TopicModel


@pytest.fixture(scope="session")
def models(planted_texts):
    """Two seeds that find the three planted topics, and a model of a single one."""
    return fits({"three": (3, 0), "again": (3, 1), "one": (1, 0)}, planted_texts)


@pytest.fixture(scope="session")
def two_settings(planted_texts):
    """Three seeds of three topics and of two."""
    sizes = {f"k{k} seed {seed}": (k, seed) for k in (3, 2) for seed in (0, 1, 2)}
    return fits(sizes, planted_texts)


def fits(fit, planted_texts):
    return {
        name: TopicModel(k, max_epochs=15, random_state=seed).fit(planted_texts)
        for name, (k, seed) in fit.items()
    }


@pytest.fixture(scope="session")
def other_words(planted_texts):
    """A model of the same topics that lacks the word "qaa"."""
    texts = [text.replace("qaa", "") for text in planted_texts]
    return TopicModel(3, max_epochs=15, random_state=0).fit(texts)
