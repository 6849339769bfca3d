"""After the training, topics move to their posterior means, unless these predict worse."""

import copy

import numpy as np
import torch

from topicgen.models import Known, LatentCountModel, SparseCounts, settle_topics
from topicgen.topic_model.settings import Settings
from topicgen.topic_model.streams import Stream, derived_seed
from topicgen.training import (
    Collection,
    completion_halves,
    completion_perplexity,
    generator,
    whole_tokens,
)

# With more tokens, it would take long, and the topics are well known.
_MOST_TOKENS = 500_000

# Tokens in the proportions of all documents that each topic gets, so that it has all words.
_PRIOR_TOKENS = 300.0

# The encoder gets used to the settled topics, which hardly move meanwhile: they would go back.
_EPOCHS, _TOPIC_PACE = 8, 0.1

# A few hundred held-out documents know a perplexity to a percent or so.
_TOLERANCE = 1.01


def settle(
    settings: Settings,
    model: LatentCountModel,
    training: Collection,
    watch: SparseCounts,
    known: tuple[Known | None, Known | None],
    seed: int,
) -> None:
    """Replace the topics of a model with covariates by their posterior means, or leave them.

    In training, the encoder sees half of a document. The exact posterior sees all of it, so it
    distinguishes the topics of short documents much better. In long documents there is nothing left
    to gain, and topics that were trained to predict predict better. The topics stay as they are
    with more than 500,000 tokens, without ``learn_prior``, if the rates are not gamma, or if the
    perplexity of document completion would rise by 1% or more.

    Args:
        settings: of the fit.
        model: trained; changed in place.
        training: the documents trained on.
        watch: documents on which the prediction is measured.
        known: what else is known of the documents trained on, and of those in ``watch``, or None.
        seed: of the fit.
    """
    of_training, watched = known
    if of_training is None or of_training.covariates is None or not settings.learn_prior:
        return
    if training.sum_of_powers(1.0) > _MOST_TOKENS:
        return
    random = np.random.default_rng(derived_seed(seed, Stream.SETTLING))
    torch_random = generator(int(random.integers(2**63)), settings.device)
    chosen = whole_tokens(training.all())
    counts = SparseCounts.from_csr(chosen, model.atoms.dtype, settings.device)
    halves = completion_halves(watch)
    before = completion_perplexity(model, halves, watched)
    trained = copy.deepcopy(model.state_dict())
    is_better = False
    try:
        settled = settle_topics(model, counts, of_training, generator=torch_random)
        if settled is None:
            return
        with torch.no_grad():
            settled.write(model, _PRIOR_TOKENS)
        _train(settings, model, training, watch, known, torch_random)
        is_better = completion_perplexity(model, halves, watched) < _TOLERANCE * before
    finally:
        # Also after Ctrl-C: the topics half way are worse than either.
        if not is_better:
            model.load_state_dict(trained)


def _train(
    settings: Settings,
    model: LatentCountModel,
    training: Collection,
    watch: SparseCounts,
    known: tuple[Known | None, Known | None],
    random: torch.Generator,
) -> None:
    """Let the encoder get used to the topics."""
    trainer = settings.trainer(
        model,
        random,
        topic_pace=_TOPIC_PACE,
        patience=_EPOCHS,
        fits_strength=settings.fits_strength,  # as in the training that this is compared with
    )
    trainer.run(
        training,
        watch,
        settings.schedule_after(_EPOCHS, settings.learning_rate),
        known=known[0],
        held_out_known=known[1],
    )
