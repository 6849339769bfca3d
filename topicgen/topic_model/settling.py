"""Topics after the training: their posterior means, where these predict better."""

import copy

import numpy as np
import torch

from topicgen.models import DocumentCovariates, LatentCountModel, SparseCounts, settle_topics
from topicgen.topic_model.seeds import Stream, derived_seed
from topicgen.topic_model.settings import Settings
from topicgen.training import (
    Collection,
    PrevalenceUpdate,
    completion_halves,
    completion_perplexity,
    generator,
)

# More documents than this would take long, and their topics are well known.
_MOST_DOCUMENTS = 20_000

# Tokens in the proportions of all documents that each topic gets, so that it has all words.
_SMOOTHING = (30.0, 100.0, 300.0)

# Until the encoder's coefficients fit the new topics.
_ENCODER_UPDATES = 5


def settle(
    settings: Settings,
    model: LatentCountModel,
    training: Collection,
    watch: SparseCounts,
    covariates: tuple[DocumentCovariates | None, DocumentCovariates | None],
    seed: int,
) -> None:
    """Replace the topics of a model with covariates by their posterior means, or leave them.

    An encoder sees half of a document in training; the exact posterior sees all of it, which tells
    topics of short documents apart much better. In long ones there is nothing left to gain, and the
    topics that were trained to predict do so better.

    Args:
        settings: of the fit.
        model: trained.
        training: the documents trained on.
        watch: documents to measure the prediction on.
        covariates: of the documents trained on, and of those watched.
        seed: of the fit.
    """
    known, watched = covariates
    if known is None or not settings.learn_prior:
        return
    random = np.random.default_rng(derived_seed(seed, Stream.SETTLING))
    torch_random = generator(int(random.integers(2**63)), settings.device)
    rows = np.arange(len(training))
    if len(rows) > _MOST_DOCUMENTS:
        rows = np.sort(random.choice(rows, _MOST_DOCUMENTS, replace=False))
    chosen = training.select_csr(rows).astype(np.float64)
    np.ceil(chosen.data, out=chosen.data)
    counts = SparseCounts.from_csr(chosen, model.atoms.dtype, settings.device)
    halves = completion_halves(watch)
    lowest, best = completion_perplexity(model, halves, watched), copy.deepcopy(model.state_dict())
    of_rows = known.select(torch.from_numpy(rows))
    settled = settle_topics(model, counts, of_rows, generator=torch_random)
    if settled is None:
        return
    regress = PrevalenceUpdate(model, training, known, torch_random)
    for n_tokens in _SMOOTHING:
        with torch.no_grad():
            settled.write(model, n_tokens)
        for _ in range(_ENCODER_UPDATES):
            regress()
        perplexity = completion_perplexity(model, halves, watched)
        if perplexity < lowest:
            lowest, best = perplexity, copy.deepcopy(model.state_dict())
    model.load_state_dict(best)
