"""Whether documents are among those that a model was fitted to."""

from collections.abc import Hashable, Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from topicgen.comparison.readings import Reading

# Fewer are alike by chance, such as short answers that many people give.
_MOST = 0.5


def fitted_to(readings: Mapping[Hashable, Reading]) -> list[Hashable]:
    """Return the names of the models that were fitted to most of the documents.

    A model keeps the word counts of its documents, or of a sample of them, for later edits: with A
    the distinct documents to be read, and B those kept that the model was trained on,

        |A & B| / min(|A|, |B|) >= 1/2.

    Models that keep none are never named.
    """
    return [name for name, reading in readings.items() if _share_seen(reading) >= _MOST]


def _share_seen(reading: Reading) -> float:
    kept = reading.model.fitted_.kept
    if kept is None:
        return 0.0
    seen = _signatures(kept.select(np.flatnonzero(~kept.is_held_out)).counts)
    given = _signatures(reading.counts)
    smaller = min(len(seen), len(given))
    return len(np.intersect1d(seen, given)) / smaller if smaller else 0.0


def _signatures(counts: csr_matrix) -> NDArray[np.float64]:
    """Return a number for each distinct row of counts that is not empty.

    Different rows have different numbers, up to chances of about 1e-16.

    Example:
        >>> rows = csr_matrix([[1, 2], [2, 1], [1, 2], [0, 0]])
        >>> len(_signatures(rows))
        2
    """
    weights = np.random.default_rng(0).random(counts.shape[1])
    filled = counts[np.diff(counts.indptr) > 0].sorted_indices()
    return np.unique(filled.astype(np.float64) @ weights)
