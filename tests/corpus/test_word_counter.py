import inspect
import json
import subprocess
import sys

import numpy as np
import pytest
from sklearn.base import clone

from topicgen.corpus import Vectorizer
from topicgen.corpus.counts import stack
from topicgen.corpus.word_counter import WordCounter

TEXTS = ["The Banks in New York raised 3 rates.", "New York: rates rose, caf\xe9s closed", ""]
OPTIONS = [
    {},
    {"stemmer": "english", "keep_words": ["rates"]},
    {"phrases": 2, "ngram_range": (1, 2)},
    {"token_pattern": r"\w+", "numbers": "mask", "max_features": 3},
]


@pytest.mark.parametrize("options", OPTIONS, ids=lambda options: "-".join(options) or "default")
def test_a_vectorizer_is_a_counter_with_the_same_counts_and_recipe(options):
    counter, vectorizer = WordCounter(**options), Vectorizer(**options)
    blocks, found = counter.fit_blocks(TEXTS)
    counts = stack(blocks, len(counter.vocabulary_))
    np.testing.assert_array_equal(counts.toarray(), vectorizer.fit_transform(TEXTS).toarray())
    assert counter.vocabulary_ == vectorizer.vocabulary_
    assert list(counter.vocabulary_) == vectorizer.get_feature_names_out().tolist()
    assert json.dumps(counter.to_config()) == json.dumps(vectorizer.to_config())
    analyze = counter.build_analyzer()
    terms = [analyze(text) for text in TEXTS]
    assert (found["tokens"], found["terms"]) == (analyze.n_tokens, sum(map(len, terms)))


def test_a_vectorizer_has_all_options_of_a_counter_as_parameters():
    parameters = inspect.signature(WordCounter).parameters
    assert Vectorizer().get_params() == {name: one.default for name, one in parameters.items()}
    changed = Vectorizer(lemmatizer="de", urls="drop", ngram_range=[1, 2])
    assert clone(changed).get_params() == changed.get_params()


def test_it_needs_no_scikit_learn():
    code = (
        "import sys; from topicgen.corpus.word_counter import WordCounter\n"
        "list(WordCounter().fit_blocks(['bank'])[0])\n"
        "print({'sklearn', 'pandas', 'nltk', 'gensim', 'torch'} & {*sys.modules})"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "set()\n"
