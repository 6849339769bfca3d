"""topica's topics, scored by our evaluation."""

import numpy as np
import pytest

from topicgen.evaluation import Topics, coherence, match_topics, topic_diversity

topica = pytest.importorskip("topica", reason="topica is not installed: pip install topica")


def test_topics_of_topica_are_scored(model, planted_texts):
    tokens = [text.split() for text in planted_texts]
    theirs = topica.LDA(3, seed=0, num_threads=1)
    theirs.fit(tokens, iters=200, progress=False)
    topics = Topics(np.asarray(theirs.topic_word), list(theirs.vocabulary))
    words = topics.top_words(10)
    assert topic_diversity(words) == 1
    ours = model.top_words(10, measure="probability")
    coherent = coherence(ours, tokens, "u_mass")
    assert coherence(words, tokens, "u_mass") == pytest.approx(coherent, abs=0.1)
    # The same planted topics as ours, whatever their order.
    matching = match_topics(words, ours)
    assert matching.similarity.min() > 0.6
