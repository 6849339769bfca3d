"""How rare, how common and how many the words of a vocabulary may be."""

import math
from fractions import Fraction
from numbers import Integral, Real
from typing import Any

import numpy as np

from topicgen.errors import InputError
from topicgen.plain import quoted

# (number of documents from which it holds, value), the largest number first. A small collection
# cannot afford to lose its rare words, nor does it have words that are too common to be useful.
AUTO_MIN_DF = ((1000, 5), (100, 2), (0, 1))
AUTO_MAX_DF = ((100, 0.5), (0, 1.0))


def check_thresholds(min_df: object, max_df: object, max_features: object) -> None:
    """Raise an error where an option is out of its range.

    Raises:
        InputError: where ``min_df`` or ``max_df`` is neither "auto", an integer from 1, nor a
            float in [0, 1], or ``max_features`` neither None nor an integer from 1.
    """
    for name, value in (("min_df", min_df), ("max_df", max_df)):
        if not (value == "auto" or _is_count(value) or _is_proportion(value)):
            raise InputError(
                f'expected {name} to be "auto", a number of documents (an integer from 1) or a '
                f"proportion of them (a float in [0, 1]), got {quoted(value)}; leave it out if in "
                "doubt"
            )
    if not (max_features is None or _is_count(max_features)):
        raise InputError(
            f"expected max_features to be None or an integer from 1, got {quoted(max_features)}; "
            "None keeps all words"
        )


def resolve(value: Any, auto: tuple[tuple[int, Any], ...], n_documents: int) -> int | float:
    """Return the threshold that an option stands for: itself, or what "auto" means.

    >>> resolve("auto", AUTO_MIN_DF, n_documents=500), resolve(0.3, AUTO_MAX_DF, n_documents=500)
    (2, 0.3)
    """
    if value == "auto":
        return next(chosen for least, chosen in auto if n_documents >= least)
    if isinstance(value, Integral):
        return int(value)
    # numpy's 0.07 of 32 bits is 0.07 when it is written.
    return float(str(value) if isinstance(value, np.floating) else value)


def at_least(min_df: int | float, n_documents: int) -> int:
    """Return the least number of documents that a word must be in.

    A proportion is taken as the decimal that it is written as: 0.07 of 100 documents is 7, where
    the product of the floats is a little more.

    >>> at_least(0.07, n_documents=100), at_least(0.071, n_documents=100), at_least(5, 100)
    (7, 8, 5)
    """
    return math.ceil(_exactly(min_df, n_documents))


def at_most(max_df: int | float, n_documents: int) -> int:
    """Return the greatest number of documents that a word may be in.

    >>> at_most(0.29, n_documents=100), at_most(0.5, n_documents=25), at_most(5, 100)
    (29, 12, 5)
    """
    return math.floor(_exactly(max_df, n_documents))


def _exactly(threshold: int | float, n_documents: int) -> int | Fraction:
    # The shortest decimal that stands for the float is what was written.
    return Fraction(repr(threshold)) * n_documents if isinstance(threshold, float) else threshold


def _is_count(value: object) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool) and int(value) >= 1


def _is_proportion(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, Integral) and 0 <= float(value) <= 1
