import warnings

import pytest

from topicgen.corpus.unknown import warn_of_unknown


def test_a_collection_that_is_largely_unknown_is_said_to_be():
    with pytest.warns(UserWarning, match=r"knows only 9 of the 100 tokens in 3 documents \(9\.0%"):
        warn_of_unknown(9, 100, 3)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warn_of_unknown(10, 100, 3)
        warn_of_unknown(0, 0, 3)
