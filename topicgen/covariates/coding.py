"""Products of factors as columns of numbers that are not collinear.

A factor with levels is coded in full, with a column for each level, or reduced, without the
reference level. The intercept and ``party`` in full would be collinear; so would ``party:year`` in
full after ``party`` and ``year``. Which coding each factor of each product needs follows from the
products before it (Chambers and Hastie, 1992, Statistical Models in S, ch. 2; as in R, patsy and
formulaic).
"""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from topicgen.covariates.labels import Labels

Floats = NDArray[np.float64]
FactorValues = Floats | Labels
# A factor by its name, and whether it is reduced.
Coded = tuple[str, bool]
Product = tuple[Coded, ...]


def codings(
    terms: Sequence[Sequence[str]], with_levels: Iterable[str]
) -> list[tuple[Product, ...]]:
    """Return the products of coded factors that each term adds to those before it.

    Args:
        terms: the names of the factors of each term.
        with_levels: the names of the factors with levels.

    Example:
        >>> codings([["party"], ["party", "year"]], {"party"})
        [((('party', True),),), ((('party', False), ('year', False)),)]
    """
    levels = set(with_levels)
    spanned: set[frozenset[Coded]] = {frozenset()}  # the intercept
    added = []
    for term in terms:
        choices: list[tuple[Product, ...]] = [
            (((name, True),), ()) if name in levels else (((name, False),),) for name in term
        ]
        spans = [sum(choice, ()) for choice in itertools.product(*choices)]
        new = [product for product in dict.fromkeys(spans) if frozenset(product) not in spanned]
        spanned.update(map(frozenset, new))
        added.append(tuple(_merged(new)))
    return added


def _merged(products: Sequence[Product]) -> list[Product]:
    """Return fewer products of the same span: a:b and a:reduced(c) become a:c, and so on."""
    merged: list[Product] = []
    for product in sorted(products, key=len):
        for other in merged:
            extra = set(product) - set(other)
            if len(product) == len(other) + 1 and len(extra) == 1:
                ((name, is_reduced),) = extra
                if is_reduced:
                    full = tuple((n, False) if n == name else (n, r) for n, r in product)
                    merged = _merged([*(one for one in merged if one != other), full])
                    break
        else:
            merged.append(product)
    return merged


def product_columns(product: Product, factors: Mapping[str, FactorValues]) -> dict[str, Floats]:
    """Return the columns of a product of coded factors; the last factor varies slowest.

    Example:
        >>> party = Labels(np.array([0, 1]), ("Con", "Lab"))
        >>> product_columns((("party", True),), {"party": party})
        {'party[T.Lab]': array([0., 1.])}
    """
    coded = [_columns(name, factors[name], is_reduced) for name, is_reduced in product]
    found = {}
    for backwards in itertools.product(*(columns.items() for columns in reversed(coded))):
        parts = backwards[::-1]
        name = ":".join(name for name, _ in parts)
        found[name] = reduce(np.multiply, (column for _, column in parts))
    return found


def _columns(name: str, values: FactorValues, is_reduced: bool) -> dict[str, Floats]:
    if isinstance(values, Labels):
        indicators = values.indicators()
        return {
            f"{name}[{'T.' if is_reduced else ''}{level}]": indicators[:, k]
            for k, level in enumerate(values.levels)
            if not (is_reduced and k == values.reference)
        }
    if values.ndim == 1:
        return {name: values}
    return {f"{name}[{k}]": values[:, k - 1] for k in range(1, values.shape[1] + 1)}
