"""Draws of the tokens of each topic, with all that covariates and documents leave open."""

from collections.abc import Iterator

import torch
from torch import Generator, Tensor

from topicgen.models.count_regression import DocumentCovariates
from topicgen.models.joint import joint_sampler
from topicgen.models.latent_counts import LatentCountModel
from topicgen.models.rate_regression import RateRegression
from topicgen.models.rates import GammaRates
from topicgen.models.sparse import SparseCounts

# Sweeps until everything has settled, and from one draw to the next.
_SETTLING, _SPACING = 40, 5

# The weight, in tokens, of a topic as it was trained, while it is drawn.
_PSEUDO_TOKENS = 100.0


@torch.no_grad()
def impute_tokens(
    model: LatentCountModel,
    counts: SparseCounts,
    covariates: DocumentCovariates,
    n_draws: int,
    *,
    generator: Generator | None = None,
) -> Iterator[Tensor]:
    """Yield joint posterior draws of the tokens of each topic, shape (n_documents, n_topics).

    The coefficients and the topics are drawn along with the tokens. At the end the model has the
    means of the coefficients that were drawn, and of the rates. Rates that are not gamma have no
    coefficients, and neither they nor the topics change.

    Args:
        model: the topics, with the rates that were fitted without regard to the covariates.
        counts: the documents, whole numbers, in the dtype of the model.
        covariates: of the documents.
        n_draws: the number of draws.
        generator: where the randomness comes from; None for torch's global stream.
    """
    topic_word = model.topic_word(is_for_few_words=True)
    sampler = joint_sampler(model, counts, topic_word, generator=generator)
    function = model.rate_prevalence
    if not isinstance(sampler.law, GammaRates) or function is None:
        for sweep in range(_SETTLING + n_draws * _SPACING):
            state = sampler.sweep()
            if sweep >= _SETTLING and (sweep - _SETTLING) % _SPACING == _SPACING - 1:
                yield state.tokens
        return
    trained = sampler.topics.word_topic
    drawn = function.double()
    regression = RateRegression(sampler, covariates, drawn, generator=generator)
    for _ in range(_SETTLING):
        regression.fit()
        sampler.topics.update_topics(trained, _PSEUDO_TOKENS)
    totals = {name: torch.zeros_like(value) for name, value in drawn.state_dict().items()}
    log_shape, log_mean = (torch.zeros_like(trained[0]).double() for _ in range(2))
    for _ in range(n_draws):
        for _ in range(_SPACING):
            state = regression.draw()
            sampler.topics.draw_topics(trained, _PSEUDO_TOKENS, generator=generator)
        for name, value in drawn.state_dict().items():
            totals[name] += value
        rates = regression.rates
        log_shape, log_mean = log_shape + rates.shape.log(), log_mean + rates.mean.log()
        yield state.tokens
    drawn.load_state_dict({name: _mean(total, n_draws) for name, total in totals.items()})
    model.rate_prevalence = drawn.to(model.topic_logits.dtype)
    model.take_rates(GammaRates((log_shape / n_draws).exp(), (log_mean / n_draws).exp()))


def _mean(total: Tensor, n: int) -> Tensor:
    return total / n if total.is_floating_point() else total // n
