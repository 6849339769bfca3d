"""How the topics that an edit makes occur in documents."""

from statistics import NormalDist

import numpy as np
import torch

from topicgen.models import SparseCounts, fit_rates
from topicgen.topic_model.editing.composition import Composition, Floats
from topicgen.topic_model.editing.costs import embedded
from topicgen.topic_model.fitted import Fitted
from topicgen.topic_model.kept import KeptDocuments
from topicgen.topic_model.occurrence import LEVEL, Occurrence, ends_on_log_scale, occurrence
from topicgen.training import generator, whole_tokens


def occurrence_after(
    before: Fitted,
    after: Fitted,
    parts: Composition,
    documents: KeptDocuments,
    random: np.random.Generator,
) -> Occurrence:
    """Return how the topics occur in documents after an edit.

    The tokens of merged topics add up: they are drawn for the topics before. Drawn anew, other
    topics with the same words could take them over. Of topics that stay as they are, all is known,
    unless others were dropped.

    Args:
        before: the model before.
        after: the model after, with its weights.
        parts: what the new topics are made of.
        documents: to draw the tokens of.
        random: where the randomness comes from.
    """
    is_merge = not parts.is_drop and not parts.words
    counts = SparseCounts.from_csr(whole_tokens(documents.counts), torch.float64)
    source = generator(int(random.integers(2**63)), "cpu")
    model = (before if is_merge else after).model.given(embedded(documents))
    fit = fit_rates(model, counts, generator=source)
    tokens = fit.tokens.numpy() @ parts.matrix if is_merge else fit.tokens.numpy()
    if is_merge:
        dispersion = _added_dispersions(before, after, parts)
    else:
        shape = after.weights["rate_shape"].astype(np.float64)
        dispersion = np.full((3, after.n_topics), np.nan)
        if fit.log_shape_error is not None:
            error = fit.log_shape_error.numpy()
            dispersion = np.stack([shape, *ends_on_log_scale(shape, error)])
        elif fit.rates is not None:
            dispersion = np.stack([shape] * 3)
    found = occurrence(tokens, counts.n_tokens.numpy(), dispersion=dispersion, random=random)
    if parts.is_drop:
        return found
    known = before.evidence.occurrence
    if is_merge:
        found = _at_least_parts(found, known, parts.matrix)
    columns = {name: values.copy() for name, values in vars(found).items()}
    for new, old in parts.unchanged.items():
        for name, values in columns.items():
            values[:, new] = getattr(known, name)[:, old]
    return Occurrence(**columns)


def _at_least_parts(found: Occurrence, known: Occurrence, matrix: Floats) -> Occurrence:
    """Return how sums occur, with what is known of their parts from other documents.

    The tokens of the parts add up, and a sum is present wherever one of its parts is.
    """
    tokens = found.tokens + (known.tokens[0] @ matrix - found.tokens[0])
    largest = (
        np.where(matrix > 0, of_parts[:, :, None], 0.0).max(1)
        for of_parts in (known.tokens, known.presence)
    )
    tokens, presence = map(np.maximum, (tokens, found.presence), largest)
    return Occurrence(tokens, presence, found.amount, found.dispersion)


def _added_dispersions(before: Fitted, after: Fitted, parts: Composition) -> Floats:
    r"""Return the dispersions of sums with the ends of their intervals, shape (3, n_topics).

    The error of the logarithm follows from those of the parts, to first order:
    :math:`m'^2 / r' = \sum_k m_k^2 / r_k` gives
    :math:`d \log r' = \sum_k w_k \, d \log r_k` with :math:`w_k \propto m_k^2 / r_k`.
    """
    estimate, _, high = before.evidence.occurrence.dispersion
    error = np.log(high / estimate) / NormalDist().inv_cdf((1 + LEVEL) / 2)
    mean, shape = (before.weights[f"rate_{name}"].astype(np.float64) for name in ("mean", "shape"))
    weight = (mean**2 / shape)[:, None] * parts.matrix
    weight /= weight.sum(0)
    # A part that is not known (NaN, or infinity) says nothing of other sums.
    squares = np.where(weight > 0, (weight * error[:, None]) ** 2, 0.0)
    value = after.weights["rate_shape"].astype(np.float64)
    value = np.where(np.isnan(squares.sum(0)), np.nan, value)
    return np.stack([value, *ends_on_log_scale(value, np.sqrt(squares.sum(0)))])
