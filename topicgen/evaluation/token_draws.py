"""Tokens drawn without replacement from documents, by their counts rather than one by one."""

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]


def draw_halves(amounts: Integers, document: Integers, random: np.random.Generator) -> Integers:
    """Draw floor(N / 2) of each document's N tokens without replacement, each as likely as another.

    In every step each token that may still be drawn is drawn with one probability, chosen so that
    their number is right on average; where too many are drawn, each of those is put back in the
    same way. After a step with n tokens to go about sqrt(n) are left to go, so a few steps are
    enough, at a cost that depends on the entries and not on the tokens. No step distinguishes
    between the tokens of a document, so all subsets of floor(N / 2) tokens are equally likely: the
    counts drawn have exactly the multivariate hypergeometric distribution, however large they are.
    (numpy's own draws of it stop at 10**9.)

    Args:
        amounts: (entries,), the tokens of each entry of a count matrix, fewer than 2**63 in any
            document.
        document: (entries,), the document of each, in ascending order.
        random: what draws.

    Returns:
        (entries,), how many tokens of each entry are drawn.

    Example:
        >>> random = np.random.default_rng(0)
        >>> drawn = draw_halves(np.array([4, 2, 3]), np.array([0, 0, 1]), random)
        >>> drawn[:2].sum(), drawn[2]
        (np.int64(3), np.int64(1))
    """
    n_documents = int(document[-1]) + 1 if document.size else 0
    total = _sums(amounts, document, n_documents)
    missing = total // 2
    drawn = np.zeros_like(amounts)
    entries = np.flatnonzero(missing[document])
    while entries.size:
        n_drawn = total // 2 - missing
        n_movable = np.where(missing > 0, total - n_drawn, n_drawn)
        share = np.abs(missing) / np.maximum(n_movable, 1)
        d, taken = document[entries], drawn[entries]
        lacking = missing[d] > 0
        moved = random.binomial(np.where(lacking, amounts[entries] - taken, taken), share[d])
        change = np.where(lacking, moved, -moved)
        drawn[entries] = taken + change
        missing -= _sums(change, d, n_documents)
        entries = entries[missing[d] != 0]
    return drawn


def _sums(values: Integers, document: Integers, n_documents: int) -> Integers:
    """Return each document's sum, exact where a sum in floating point would not be."""
    sums = np.zeros(n_documents, dtype=np.int64)
    first = np.flatnonzero(np.diff(document, prepend=-1))
    if first.size:
        sums[document[first]] = np.add.reduceat(values, first)
    return sums
