import inspect
import json
import subprocess
import sys

import numpy as np
import pytest
from sklearn.base import clone

from topicgen.corpus import Vectorizer
from topicgen.corpus.counting.lexicon import columns_of, merge_terms
from topicgen.corpus.counting.tally import chosen_columns
from topicgen.corpus.counts import stack
from topicgen.corpus.word_counter import Totals, WordCounter
from topicgen.errors import InputError

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


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"min_df": 2, "max_df": 0.6, "max_features": 3},
        {"ngram_range": (1, 2), "keep_words": ["bank rose"], "stop_words": None},
        {"tokenizer": str.split, "lowercase": False},
    ],
)
def test_parts_counted_one_by_one_are_the_whole(options):
    texts = ["The bank raised rates.", "Rates rose.", "", "A bank rose and rose.", "Snow, rates"]
    whole = WordCounter(**options)
    blocks, found = whole.fit_blocks(texts)
    expected = stack(blocks, len(whole.vocabulary_))

    counter = WordCounter(**options).for_shards()
    tallies = [counter.tally(part) for part in (texts[:1], texts[1:3], texts[3:])]
    terms = merge_terms([lexicon for tally in tallies for lexicon in tally.lexicons])
    sums = zip(*[(one.n_documents, one.n_tokens, one.n_terms) for one in tallies], strict=True)
    selection, found_in_parts = counter.learn(terms, Totals(*map(sum, sums)))

    assert counter.vocabulary_ == whole.vocabulary_
    assert found_in_parts == found
    counts = [
        chosen_columns(
            block,
            columns_of(tally.lexicons[lexicon], counter.vocabulary_),
            len(selection.vocabulary),
        )
        for tally in tallies
        for lexicon, block in tally.blocks()
    ]
    assert (stack(iter(counts), len(selection.vocabulary)) != expected).nnz == 0


def test_phrases_are_not_found_in_parts():
    with pytest.raises(InputError, match="phrases are learned from the whole collection"):
        WordCounter(phrases=True).for_shards()
