import warnings

import pytest

from topicgen.corpus.unknown import warn_of_unknown


def test_a_collection_that_is_largely_unknown_is_said_to_be():
    with pytest.warns(UserWarning, match=r"knows only 9\.0% of the 100 tokens in 3 documents, so"):
        warn_of_unknown(9, 100, 3)
    with pytest.warns(UserWarning, match=r"only 29\.0% of .*, compared with 88\.0% in training"):
        warn_of_unknown(29, 100, 3, 0.88)
    with pytest.warns(UserWarning, match=r"only 0\.0% of the 10 tokens in 1 document, compared"):
        warn_of_unknown(0, 10, 1, 0.14)


def test_a_model_of_few_words_knows_little_and_says_nothing():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warn_of_unknown(10, 100, 3)
        warn_of_unknown(5, 100, 3, 0.14)
        warn_of_unknown(0, 0, 3)
        warn_of_unknown(0, 9, 1)
