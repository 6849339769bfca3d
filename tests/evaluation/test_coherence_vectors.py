import numpy as np
import pytest

from topicgen.errors import InputError
from topicgen.evaluation.coherence_vectors import word_vectors

GOOD = {"a": [1.0, 0.0], "b": np.array([0, 2])}


@pytest.mark.parametrize(
    ("vectors", "message"),
    [
        (None, "vectors for c_w2v, got none"),
        ({"a": [1.0, 0.0]}, r"a vector for each word, got none for 'b' at topics\[0\]\[1\]"),
        ({**GOOD, "b": [1.0, np.nan]}, r"of 2 finite numbers.* for 'b' at topics\[0\]\[1\]"),
        ({**GOOD, "b": [np.inf, 1.0]}, r"of 2 finite numbers.* for 'b' at topics\[0\]\[1\]"),
        ({**GOOD, "b": [0.0, 0.0]}, r"not all zero, got .*\[0.0, 0.0\], for 'b' at"),
        ({**GOOD, "b": [1.0, 2.0, 3.0]}, r"of 2 finite .* shape \(3,\).* for 'b' at"),
        ({**GOOD, "a": []}, r"got shape \(0,\).* for 'a' at topics\[0\]\[0\]"),
        ({**GOOD, "a": [[1.0], [2.0]]}, r"got shape \(2, 1\).* for 'a' at topics\[0\]\[0\]"),
        ({**GOOD, "b": ["x", "y"]}, "the vector of 'b' as a list of finite numbers, got shape"),
        ("ab", "vectors that map words to lists of numbers, got str; pass a dictionary"),
        (3, "vectors that map words to lists of numbers, got int; pass a dictionary"),
    ],
)
def test_bad_vectors_name_the_word(vectors, message):
    with pytest.raises(InputError, match=message) as error:
        word_vectors([["a", "b"], ["b", "a"]], vectors)
    assert "\n" not in str(error.value)


def test_only_the_words_of_the_topics_need_good_vectors():
    first, second = word_vectors([["a", "b"], ["b"]], {**GOOD, "c": [np.nan]})
    np.testing.assert_array_equal(first, [[1, 0], [0, 2]])
    np.testing.assert_array_equal(second, [[0, 2]])
