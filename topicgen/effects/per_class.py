"""Classes of documents, such as parties or sources, and how their shares of topics differ."""

from collections.abc import Hashable, Mapping, Set
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from topicgen.effects.group_tokens import GroupTokens
from topicgen.errors import InputError, shown

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Classes:
    """The classes of documents.

    Args:
        names: the classes in ascending order, or in the order of the categories of a categorical.
        of_documents: the number of each document's class, shape (n_documents,).
    """

    names: "pd.Index"
    of_documents: NDArray[np.int64]


def check_values(values: Any, n_documents: int, name: str) -> Any:
    """Return a value for each document, after a check of their number.

    Args:
        values: a sequence in the order of the documents.
        n_documents: how many there are.
        name: what the values are called in errors.

    Raises:
        InputError: where it is not such a sequence, or has more or fewer values than documents.
    """
    if isinstance(values, Mapping | Set | str) or not hasattr(values, "__iter__"):
        raise InputError(
            f"expected {name} with a value for each document, got {shown(values)}; pass a list, or "
            "the name of a metadata column"
        )
    if len(getattr(values, "shape", (0,))) != 1:
        raise InputError(
            f"expected {name} with one value for each document, got a {type(values).__name__} of "
            f"shape {tuple(values.shape)}; pass one column"
        )
    values = values if hasattr(values, "__len__") else list(values)
    if len(values) != n_documents:
        raise InputError(
            f"expected {name} with {n_documents:,} values, one for each document in the same "
            f"order, got {len(values):,}; pass the values of these documents"
        )
    return values.to_pandas() if hasattr(values, "to_pandas") else values


def read_classes(values: Any, name: str = "classes") -> Classes:
    """Return the classes that values stand for.

    Args:
        values: a value for each document: strings, numbers, booleans or categories.
        name: what the values are called in errors.

    Raises:
        InputError: where values are missing, or of several types.

    Example:
        >>> found = read_classes(["Lab", "Con", "Lab"])
        >>> found.names.tolist(), found.of_documents.tolist()
        (['Con', 'Lab'], [1, 0, 1])
    """
    import pandas as pd

    if isinstance(values, str) or not hasattr(values, "__iter__"):
        raise InputError(
            f"expected {name} with a value for each document, got {shown(values)}; pass a list, or "
            "the name of a metadata column"
        )
    column = pd.Series(list(values) if not isinstance(values, pd.Series) else values)
    is_missing = column.isna().to_numpy()
    if is_missing.any():
        raise InputError(
            f"expected {name} without missing values, got {is_missing.sum():,} (the first in row "
            f"{is_missing.argmax()}); leave these documents out, or fill them, as with fillna('?')"
        )
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.cat.remove_unused_categories()
        return Classes(column.cat.categories, column.cat.codes.to_numpy().astype(np.int64))
    kinds = {type(value).__name__ for value in column} if column.dtype == object else set()
    if len(kinds) > 1 or (kinds and not all(isinstance(value, Hashable) for value in column)):
        raise InputError(
            f"expected {name} of one type, got {', '.join(sorted(kinds))}; convert them, as "
            "with astype(str)"
        )
    of_documents, names = pd.factorize(column, sort=True)
    return Classes(pd.Index(names), of_documents.astype(np.int64))


def differences(
    found: GroupTokens, others: GroupTokens, level: float
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    r"""Return how much larger the shares are in groups than elsewhere, with their intervals.

    .. math::
        d - \sqrt{(\pi - l)^2 + (u' - \pi')^2}, \qquad d + \sqrt{(u - \pi)^2 + (\pi' - l')^2}

    with the share :math:`\pi` and its interval (l, u), the share elsewhere :math:`\pi'` and its
    interval (l', u'), and their difference :math:`d = \pi - \pi'`.

    Args:
        found: the tokens of the groups.
        others: for each group, the tokens of the documents outside it.
        level: the probability of the intervals.

    Returns:
        The differences and the lower and upper ends of their intervals, each of shape (n_groups,
        n_topics).

    Source: Zou and Donner (2008).
    """
    share, elsewhere = found.share, others.share
    (low, high), (low_there, high_there) = found.interval(level), others.interval(level)
    difference = share - elsewhere
    below = np.hypot(share - low, high_there - elsewhere)
    above = np.hypot(high - share, elsewhere - low_there)
    return difference, difference - below, difference + above
