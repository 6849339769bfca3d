"""How rare, how common and how many the words of a vocabulary may be."""

from numbers import Integral, Real
from typing import Any

from topicgen.errors import InputError

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
                f"proportion of them (a float in [0, 1]), got {value!r}; leave it out if in doubt"
            )
    if not (max_features is None or _is_count(max_features)):
        raise InputError(
            f"expected max_features to be None or an integer from 1, got {max_features!r}; None "
            "keeps all words"
        )


def resolve(value: Any, auto: tuple[tuple[int, Any], ...], n_documents: int) -> int | float:
    """Return the threshold that an option stands for: itself, or what "auto" means.

    >>> resolve("auto", AUTO_MIN_DF, n_documents=500), resolve(0.3, AUTO_MAX_DF, n_documents=500)
    (2, 0.3)
    """
    if value == "auto":
        return next(chosen for least, chosen in auto if n_documents >= least)
    return int(value) if isinstance(value, Integral) else float(value)


def as_documents(threshold: int | float, n_documents: int) -> int | float:
    """Return a threshold as a number of documents.

    >>> as_documents(0.5, n_documents=30), as_documents(5, n_documents=30)
    (15.0, 5)
    """
    return threshold * n_documents if isinstance(threshold, float) else threshold


def _is_count(value: object) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool) and int(value) >= 1


def _is_proportion(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, Integral) and 0 <= float(value) <= 1
