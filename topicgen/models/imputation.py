r"""Joint posterior draws of everything that documents with covariates leave open.

A Gibbs sampler draws the topic of each token, the rates, the coefficients of the covariates and the
topics. It is used twice: its mean topics are better than trained ones where documents are short,
and its draws of the tokens per topic are multiple imputations of what cannot be observed.
"""

import copy
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import torch
from torch import Generator, Tensor

from topicgen.models.joint import joint_sampler
from topicgen.models.known import Known
from topicgen.models.latent_counts import LatentCountModel
from topicgen.models.rate_regression import RateRegression
from topicgen.models.rates import GammaRates
from topicgen.models.sparse import SparseCounts

# Sweeps cost in proportion to the tokens. Few tokens need many: the topics are then hardly known,
# and move slowly.
_TOKENS_TO_SWEEP, _FEWEST_SWEEPS, _MOST_SWEEPS = 24_000_000, 12, 1_000
_MOST_BETWEEN_DRAWS, _SETTLING = 25, 80

# Where tokens are many, the draws hardly differ, and few are enough.
_DRAWS, _FEWEST_DRAWS = 20, 10

# The prior of the topics while they settle: so many tokens in the proportions of all documents.
_PRIOR_TOKENS = 10.0
# Around the topics of the model while they are drawn.
_PSEUDO_TOKENS = 100.0


class Settled(NamedTuple):
    """Topics as the tokens that came from them, the mean over the sweeps after they had settled.

    Args:
        words: the columns of the words that occur, shape (n_words,).
        tokens: of each of these words from each topic, shape (n_words, n_topics).
    """

    words: Tensor
    tokens: Tensor

    def write(self, model: LatentCountModel, n_tokens: float) -> None:
        r"""Set a model's topics to :math:`\beta_{kv} \propto n_{vk} + a f_v`.

        Background and frozen topics stay as they are, and words that do not occur keep their
        probabilities.

        Args:
            model: the model.
            n_tokens: :math:`a`, how many tokens in the proportions of all documents are added.
        """
        log_frequency = model.log_frequency[self.words].unsqueeze(1)
        frequency = log_frequency.exp() / log_frequency.exp().sum()
        smoothed = self.tokens + n_tokens * frequency
        log_share = (smoothed / smoothed.sum(0)).log().T
        log_present = model.topic_word()[:, self.words].sum(1, keepdim=True).log()
        log_total = (model.topic_logits + model.log_frequency).logsumexp(1, keepdim=True)
        logits = log_share + log_present + log_total - log_frequency.T
        before = model.topic_logits[:, self.words]
        is_movable = model.is_movable.unsqueeze(1)
        model.topic_logits[:, self.words] = torch.where(is_movable, logits.to(before), before)


@torch.no_grad()
def settle_topics(
    model: LatentCountModel,
    counts: SparseCounts,
    known: Known,
    *,
    generator: Generator | None = None,
) -> Settled | None:
    """Return the mean topics of the sampler once it has settled; None if rates are not gamma.

    The model gets the rates and coefficients that go with these topics.

    Args:
        model: where the sampler starts; its topics stay.
        counts: the documents, whole numbers, in the dtype of the model.
        known: what else is known of the documents, including their covariates.
        generator: where the randomness comes from; None for torch's global stream.
    """
    chain = _Chain(model, counts, known, generator)
    if chain.regression is None:
        return None
    topics = chain.sampler.topics
    words, _ = counts.of_present_words()
    frequency = model.log_frequency[words].exp().to(topics.word_topic)
    frequency = (frequency / frequency.sum()).unsqueeze(1).expand_as(topics.word_topic)
    is_movable = model.is_movable
    trained, total = topics.word_topic, torch.zeros_like(topics.word_topic)
    n_sweeps = _n_sweeps(counts)
    for sweep in range(n_sweeps):
        chain.regression.fit()
        if sweep >= n_sweeps // 2:
            total += topics.tokens_of_words(trained)
        topics.update_topics(frequency, _PRIOR_TOKENS)
        topics.word_topic = torch.where(is_movable, topics.word_topic, trained)
    chain.finish([chain.regression.rates])
    return Settled(words, total / (n_sweeps - n_sweeps // 2))


@torch.no_grad()
def impute_tokens(
    model: LatentCountModel,
    counts: SparseCounts,
    known: Known,
    n_draws: int | None = None,
    *,
    generator: Generator | None = None,
) -> Iterator[Tensor]:
    """Yield joint posterior draws of the tokens per topic, shape (n_documents, n_topics).

    The coefficients and the topics are drawn along with the tokens. After the last draw, the model
    gets the mean coefficients and the geometric mean rates of the draws. If the rates are not
    gamma, neither coefficients nor topics are drawn, and the prior is that of the encoder.

    Args:
        model: the topics, with the rates that were fitted without the covariates.
        counts: the documents, whole numbers, in the dtype of the model.
        known: what else is known of the documents, including their covariates.
        n_draws: the number of draws; by default 20, or 10 with very many tokens.
        generator: where the randomness comes from; None for torch's global stream.
    """
    chain = _Chain(model, counts, known, generator)
    n_sweeps = _n_sweeps(counts)
    if n_draws is None:
        n_draws = _DRAWS if n_sweeps > _DRAWS else _FEWEST_DRAWS
    spacing = min(max(n_sweeps // n_draws, 1), _MOST_BETWEEN_DRAWS)
    for _ in range(min(n_sweeps, _SETTLING)):
        chain.fit()
    rates = []
    for _ in range(n_draws):
        for _ in range(spacing):
            tokens = chain.draw()
        if chain.regression is not None:
            chain.remember()
            rates.append(chain.regression.rates)
        yield tokens
    chain.finish(rates)


def _n_sweeps(counts: SparseCounts) -> int:
    n_tokens = max(float(counts.values.sum()), 1.0)
    return int(min(max(_TOKENS_TO_SWEEP / n_tokens, _FEWEST_SWEEPS), _MOST_SWEEPS))


class _Chain:
    """The sampler of some documents with the regression that goes with it, if rates are gamma."""

    def __init__(
        self,
        model: LatentCountModel,
        counts: SparseCounts,
        known: Known,
        generator: Generator | None,
    ) -> None:
        self.model = model
        topic_word = model.topic_word(is_for_few_words=True)
        covariates = known.covariates
        # Those on atoms have no regression of their own, and take the encoder's prior.
        if isinstance(model.rates, GammaRates):
            known = replace(known, covariates=None)
        self.sampler = joint_sampler(model.given(known), counts, topic_word, generator=generator)
        self.regression: RateRegression | None = None
        self._trained = self.sampler.topics.word_topic
        self._generator = generator
        self._totals: dict[str, Tensor] = {}
        self._n_remembered = 0
        has_gamma_rates = isinstance(self.sampler.law, GammaRates)
        if has_gamma_rates and covariates is not None and model.rate_prevalence is not None:
            # The model's own stays as it is until the chain has finished.
            function = copy.deepcopy(model.rate_prevalence).double()
            self.regression = RateRegression(
                self.sampler, covariates, function, generator=generator
            )

    def fit(self) -> None:
        """Sweep once on the way to where the draws begin."""
        if self.regression is None:
            self.sampler.sweep()
        else:
            self.regression.fit()
            self.sampler.topics.update_topics(self._trained, _PSEUDO_TOKENS)

    def draw(self) -> Tensor:
        """Sweep once, and return the tokens of each topic."""
        if self.regression is None:
            return self.sampler.sweep().tokens
        tokens = self.regression.draw().tokens
        self.sampler.topics.draw_topics(self._trained, _PSEUDO_TOKENS, generator=self._generator)
        return tokens

    def remember(self) -> None:
        """Count the coefficients in the means that the model will have."""
        if self.regression is not None:
            for name, value in self.regression.function.state_dict().items():
                self._totals[name] = self._totals.get(name, 0) + value
            self._n_remembered += 1

    def finish(self, rates: list[GammaRates]) -> None:
        """Give the model the coefficients, and the geometric means of these rates."""
        if self.regression is None or not rates:
            return
        function, n = self.regression.function, self._n_remembered
        if n:
            means = {
                name: total / n if total.is_floating_point() else total // n
                for name, total in self._totals.items()
            }
            function.load_state_dict(means)
        self.model.rate_prevalence = function.to(self.model.topic_logits.dtype)
        log_shape = torch.stack([one.shape.log() for one in rates]).mean(0)
        log_mean = torch.stack([one.mean.log() for one in rates]).mean(0)
        self.model.take_rates(GammaRates(log_shape.exp(), log_mean.exp()))
