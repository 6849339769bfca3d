"""Inference for documents under a fitted model, in blocks that bound the memory."""

from collections.abc import Iterator

import numpy as np
import torch
from scipy.sparse import csr_matrix

from topicgen.errors import InputError
from topicgen.mapped import give_back
from topicgen.models import Known, LatentCountModel, SparseCounts
from topicgen.plain import quoted
from topicgen.training import one_core_spared

# Documents per block, which bounds the memory; so many blocks of a mapped file stay in it.
_CHUNK, _BLOCKS_IN_MEMORY = 1024, 64


def batches(counts: csr_matrix, device: torch.device) -> Iterator[SparseCounts]:
    """Yield the documents block by block, in double precision on a device."""
    for start in range(0, counts.shape[0], _CHUNK):
        yield SparseCounts.from_csr(counts[start : start + _CHUNK], torch.float64, device)
        if start // _CHUNK % _BLOCKS_IN_MEMORY == _BLOCKS_IN_MEMORY - 1:
            give_back(counts.data, counts.indices)


def is_missing(empty: str) -> bool:
    """Return whether documents without known words are to have missing values.

    Args:
        empty: "missing", or "prior" for the proportions that the model gives to an empty document.

    Raises:
        InputError: where it is neither.
    """
    if not isinstance(empty, str) or empty not in ("prior", "missing"):
        raise InputError(f"empty must be 'prior' or 'missing', got {quoted(empty)}")
    return empty == "missing"


@torch.no_grad()
def infer_proportions(
    model: LatentCountModel,
    counts: csr_matrix,
    refinement: int,
    *,
    known: Known | None = None,
    without_empty: bool = False,
) -> np.ndarray:
    r"""Return :math:`E[\theta \mid x]`, shape (n_documents, n_topics), rows sum to 1.

    Args:
        model: the topics.
        counts: CSR of shape (n_documents, n_words).
        refinement: coordinate ascent steps after the encoder.
        known: what else is known of the documents, or None.
        without_empty: whether the rows of documents without words are NaN, unless there are
            embeddings, which say something of them too.
    """
    proportions = np.empty((counts.shape[0], len(model.topic_logits)))
    for rows, found in proportion_blocks(model, counts, refinement, known):
        proportions[rows] = found
    if without_empty and (known is None or known.embeddings is None):
        proportions[np.diff(counts.indptr) == 0] = np.nan
    return proportions


@torch.no_grad()
def proportion_blocks(
    model: LatentCountModel,
    counts: csr_matrix,
    refinement: int,
    known: Known | None = None,
) -> Iterator[tuple[slice, np.ndarray]]:
    """Yield the rows of some documents with what is expected of their topics, in order.

    Args are those of ``infer_proportions``.
    """
    start = 0
    topic_word = model.topic_word()
    for batch in batches(counts, model.atoms.device):
        rows = slice(start, start + len(batch))
        with one_core_spared():
            given = model.given(None if known is None else known.part(rows, model.atoms))
            found = given.doc_topic(batch, topic_word, refinement).cpu().numpy()
        yield rows, found
        start += len(batch)
