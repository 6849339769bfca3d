"""The joint posterior of a model's documents: its sampler, and the rates fitted to its draws."""

from typing import NamedTuple

import torch
from torch import Generator, Tensor

from topicgen.models.gibbs import GibbsSampler, State
from topicgen.models.latent_counts import LatentCountModel
from topicgen.models.rate_fit import RateFit
from topicgen.models.rates import GammaRates
from topicgen.models.sparse import SparseCounts

# Sweeps until the rates and the documents have settled, and sweeps that are kept after them.
_SETTLING, _KEPT = 50, 20

# The weight of the encoder's estimate where several chains start apart.
_NEAR = 0.1

# The weight, in tokens, of a topic as it was trained, while it is adjusted.
_PSEUDO_TOKENS = 100.0


@torch.no_grad()
def joint_sampler(
    model: LatentCountModel,
    counts: SparseCounts,
    topic_word: Tensor,
    *,
    n_chains: int = 1,
    generator: Generator | None = None,
) -> GibbsSampler:
    """Return a sampler of the documents' joint posterior.

    A single chain starts at the encoder's estimate. Several start apart, each near a draw from the
    prior, so that they only agree once they have settled (Gelman and Rubin, 1992). The sampler
    works in single precision, whatever the precision of the model, and on the words that occur.

    Args:
        model: the topics.
        counts: the documents, whole numbers, in the dtype of the model.
        topic_word: that of ``model.topic_word()``, or of ``topic_word(is_for_few_words=True)``.
        n_chains: the number of independent chains for each document; the documents of a chain lie
            together.
        generator: where the randomness comes from; None for torch's global stream.
    """
    words, counts = counts.of_present_words()
    word_topic = topic_word.T[words].contiguous()
    found = model.encode(counts, word_topic.T, words).proportions
    rows = torch.arange(len(counts), device=counts.starts.device).repeat(n_chains)
    if model.known is not None and n_chains > 1:
        model = model.given(model.known.select(rows))
    law = model.rates.to(torch.float32)
    start = found.float().repeat(n_chains, 1)
    if n_chains > 1:
        start = torch.lerp(law.draw(len(start), generator=generator).softmax(-1), start, _NEAR)
    copies = counts if n_chains == 1 else counts.select(rows)
    cost, steadiness = model.likelihood.cost_of_rates, model.likelihood.steadiness
    return GibbsSampler(
        copies.replace(copies.values.float()),
        word_topic.float(),
        law,
        (start * copies.n_tokens.float().unsqueeze(-1).clamp_min(1.0)).log(),
        cost=None if cost is None else cost.float(),
        steadiness=None if steadiness is None else steadiness.float(),
        generator=generator,
    )


class FittedRates(NamedTuple):
    """Gamma rates that were fitted to documents, and the posterior draws of the fit.

    Args:
        rates: the rates; None if the model's rates are not gamma.
        log_shape_error: the standard error of the log of each dispersion, shape (n_topics,); None
            if the dispersions were not fitted.
        tokens: draws of the tokens of each topic, shape (n_draws, n_documents, n_topics).
    """

    rates: GammaRates | None
    log_shape_error: Tensor | None
    tokens: Tensor


@torch.no_grad()
def fit_rates(
    model: LatentCountModel,
    counts: SparseCounts,
    *,
    update: bool = True,
    generator: Generator | None = None,
) -> FittedRates:
    """Fit gamma rates to documents, and draw the tokens of their topics from the posterior.

    Topics were trained to predict what an encoder has not seen, which makes their rare words too
    rare for an exact posterior: it would miss single tokens of a topic, and find a dispersion that
    is too small. So the topics are adjusted along with the rates, for this purpose only.

    Args:
        model: the topics, and the rates that the fit starts from; it does not change.
        counts: the documents, whole numbers, in the dtype of the model.
        update: whether to fit; otherwise the model's own rates are kept.
        generator: where the randomness comes from; None for torch's global stream.
    """
    topic_word = model.topic_word(is_for_few_words=True)
    sampler = joint_sampler(model, counts, topic_word, generator=generator)
    if not isinstance(sampler.law, GammaRates) or not update:
        swept = [sampler.sweep().tokens for _ in range(_SETTLING + _KEPT)]
        own = model.rates if isinstance(model.rates, GammaRates) else None
        return FittedRates(own, None, torch.stack(swept[-_KEPT:]))
    fits_shape = model.latent == "negative_binomial"
    fit = RateFit(sampler, fit_shape=fits_shape)
    trained = sampler.topics.word_topic
    kept: list[State] = []
    for number in range(_SETTLING + _KEPT):
        state = fit.round(keep=number >= _SETTLING)
        if number >= _SETTLING:
            kept.append(state)
        else:
            sampler.topics.update_topics(trained, _PSEUDO_TOKENS)
    error = fit.log_shape_error(kept) if fits_shape else None
    return FittedRates(fit.rates, error, torch.stack([state.tokens for state in kept]))
