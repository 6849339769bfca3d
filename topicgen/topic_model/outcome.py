"""What is kept of the training: from a ``Trainer`` to a ``Fitted``."""

import copy
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timezone

import numpy as np
import torch

from topicgen.effects import Imputed, TokenDraws
from topicgen.effects.content import Content
from topicgen.models import (
    FittedRates,
    GammaRates,
    Hierarchy,
    Known,
    LatentCountModel,
    SparseCounts,
    fit_rates,
    impute_tokens,
)
from topicgen.topic_model.content import find_content
from topicgen.topic_model.diagnosis import FEWEST_TO_DIFFER, diagnose
from topicgen.topic_model.diagnostics import Diagnostics
from topicgen.topic_model.documents import Input
from topicgen.topic_model.fitted import Evidence, Fitted, Origin, Weights
from topicgen.topic_model.inference import infer_proportions
from topicgen.topic_model.occurrence import Occurrence, ends_on_log_scale, occurrence
from topicgen.topic_model.settings import Settings
from topicgen.topic_model.streams import Stream, derived_seed
from topicgen.training import Collection, Trainer, generator, whole_tokens
from topicgen.version import __version__

# Without held-out documents, the prediction is watched on this many training documents.
MOST_WATCHED = 500

_MOST_TO_FIT_THE_PRIOR = 1_000
# An update is averaged with the earlier fit, so fewer documents are enough, and save time.
_MOST_TO_FIT_THE_RATES, _MOST_TO_UPDATE_THEM = 2_000, 500
_MOST_TO_SHARE = 5_000  # for the topic shares
_PRIOR_ROUNDS = 6
_MOST_TO_REGRESS = 100_000  # for the analysis of effects
_MOST_TO_COMPARE = 20_000  # for the words of groups


def conclude(
    settings: Settings,
    trainer: Trainer,
    training: Collection,
    seen: Collection,
    watched: np.ndarray,
    data: Input,
    seed: int,
    past: Evidence | None = None,
    *,
    has_prior: bool = False,
) -> Fitted:
    """Return what the trainer has learnt, with the prior fitted to the documents.

    The topic shares are computed over all documents, including those held out from training. What
    is fitted or measured here does not depend on covariates, except the effects. With ``has_prior``
    the prior stays as training has fitted it.
    """
    model = trainer.model
    n_documents, n_tokens = len(seen), float(seen.sum_of_powers(1.0))
    before = 0 if past is None else past.n_documents
    past_share = before / (before + n_documents)

    def given(rows: np.ndarray) -> LatentCountModel:
        return model.given(embedded(data, settings, rows))

    rows = training.rows_at_most(_MOST_TO_FIT_THE_PRIOR)
    masses = given(rows).fit_prior(
        SparseCounts.from_csr(data.counts[rows], device=settings.device),
        _PRIOR_ROUNDS,
        update=settings.learn_prior and not has_prior,
        past=None if past is None else torch.tensor(past.masses).to(model.atoms),
        past_share=past_share,
    )
    found = _settle_rates(settings, model, training, data, seed, past, past_share)
    imputed = None if data.prevalence is None else _impute(settings, model, seen, data, seed)
    if len(watched) < FEWEST_TO_DIFFER:
        watched = training.rows_at_most(MOST_WATCHED)
    diagnostics = diagnose(
        given(watched),
        SparseCounts.from_csr(data.counts[watched], device=settings.device),
        estimator=settings.gradient_estimator,
        temperature=trainer.history[-1]["temperature"],
        generator=generator(derived_seed(seed, Stream.DIAGNOSIS), settings.device),
    )
    weights = _as_arrays(model.state_dict())
    rows = seen.rows_at_most(_MOST_TO_SHARE)
    some, known = data.counts[rows], embedded(data, settings, rows)
    tokens = np.asarray(some.sum(1)).ravel() @ infer_proportions(
        copy.deepcopy(model).double(), some, 0, known=known
    )
    share = tokens / tokens.sum()
    if past is not None:
        total = past.n_tokens + n_tokens
        share = (past.n_tokens * past.topic_share + n_tokens * share) / total
    return Fitted(
        structure=settings.structure,
        weights=weights,
        vocabulary=data.vocabulary,
        recipe=data.vectorizer,
        has_feature_names=data.has_feature_names,
        evidence=Evidence(
            n_documents=before + n_documents,
            n_tokens=n_tokens + (0 if past is None else past.n_tokens),
            masses=masses.cpu().numpy(),
            topic_share=share,
            occurrence=found,
        ),
        history=tuple(trainer.history),
        diagnostics=diagnostics,
        validation_indices=np.array([], dtype=np.int64),
        seed=seed,
        n_updates=0,
        optimizer=_as_arrays(trainer.state()),
        origin=_origin(data),
        prevalence=None if data.prevalence is None else data.prevalence[0],
        embedding=None if data.embeddings is None else data.embeddings[0],
        imputed=imputed,
        content=_compare(settings, model, seen, data, seed),
        seeds=data.seeds,
        names=() if data.seeds is None else tuple(data.seeds.names(len(share))),
    )


def known_of(
    data: Input, settings: Settings, rows: np.ndarray, dtype: torch.dtype = torch.float32
) -> Known | None:
    """Return what is known of some of the documents besides their words, or None."""
    known = embedded(data, settings, rows, dtype)
    if data.prevalence is None:
        return known
    prevalence, covariates = data.prevalence
    some = prevalence.standardized(covariates.select(rows), dtype, settings.device)
    return replace(known or Known(), covariates=some)


def embedded(
    data: Input, settings: Settings, rows: np.ndarray, dtype: torch.dtype = torch.float32
) -> Known | None:
    """Return the embeddings of some of the documents, or None where they have none."""
    if data.embeddings is None:
        return None
    embedding, vectors = data.embeddings
    return Known(embeddings=embedding.standardized(vectors, rows).to(settings.device, dtype))


def _impute(
    settings: Settings, model: LatentCountModel, seen: Collection, data: Input, seed: int
) -> Imputed | None:
    """Draw the tokens of each topic in the documents, and what covariates have to do with them."""
    if data.prevalence is None:
        return None
    prevalence, covariates = data.prevalence
    random = np.random.default_rng(derived_seed(seed, Stream.EFFECTS))
    rows = seen.sample_rows(_MOST_TO_REGRESS, random)
    dtype = model.atoms.dtype
    draws = impute_tokens(
        model,
        SparseCounts.from_csr(whole_tokens(data.counts[rows]), dtype, settings.device),
        known_of(data, settings, rows, dtype) or Known(),
        generator=generator(int(random.integers(2**63)), settings.device),
    )
    return Imputed(
        draws=TokenDraws.of(draw.cpu().numpy() for draw in draws),
        design=prevalence.design,
        covariates=covariates.select(rows),
        rows=rows,
        n_rows=data.counts.shape[0],
        metadata=data.metadata,
    )


def _compare(
    settings: Settings, model: LatentCountModel, seen: Collection, data: Input, seed: int
) -> Content | None:
    """Compare the words of topics in groups of documents, where there are any."""
    if data.content is None:
        return None
    column, classes = data.content
    random = np.random.default_rng(derived_seed(seed, Stream.CONTENT))
    rows = seen.sample_rows(_MOST_TO_COMPARE, random)
    return find_content(
        copy.deepcopy(model).double(),
        whole_tokens(data.counts[rows]),
        classes.of_documents[rows],
        classes.names,
        column,
        known=known_of(data, settings, rows, torch.float64),
        seed=int(random.integers(2**63)),
    )


def _settle_rates(
    settings: Settings,
    model: LatentCountModel,
    training: Collection,
    data: Input,
    seed: int,
    past: Evidence | None,
    past_share: float,
) -> Occurrence:
    """Fit the model's rates to all documents so far, and return how topics occur in them."""
    random = np.random.default_rng(derived_seed(seed, Stream.RATES))
    most = _MOST_TO_FIT_THE_RATES if past is None else _MOST_TO_UPDATE_THEM
    rows = training.sample_rows(most, random)
    before, dtype = model.rates, model.atoms.dtype
    counts = SparseCounts.from_csr(whole_tokens(data.counts[rows]), dtype, settings.device)
    fit = fit_rates(
        model.given(embedded(data, settings, rows, dtype)),
        counts,
        update=settings.learn_prior,
        generator=generator(int(random.integers(2**63)), settings.device),
    )
    if fit.rates is not None and isinstance(before, GammaRates):
        model.take_rates(before.between(fit.rates, 1 - past_share))
    found = occurrence(
        fit.tokens.cpu().numpy(),
        counts.n_tokens.cpu().numpy(),
        dispersion=_dispersion(model, fit),
        random=random,
    )
    return found if past is None else past.occurrence.combined(found, past_share)


def _dispersion(model: LatentCountModel, fit: FittedRates) -> np.ndarray:
    """Return the dispersions with the ends of their intervals, shape (3, n_topics)."""
    n_topics = len(model.topic_logits)
    if fit.rates is None:
        return np.full((3, n_topics), np.nan)
    shape = fit.rates.shape.double().cpu().numpy()
    error = np.zeros(n_topics)
    if fit.log_shape_error is not None:
        error = fit.log_shape_error.cpu().numpy()
    return np.stack([shape, *ends_on_log_scale(shape, error)])


def with_layers(fitted: Fitted, hierarchy: Hierarchy, diagnostics: Diagnostics) -> Fitted:
    """Return the model with the finished layers; the topics are unchanged."""
    deeper = add_weights(fitted, hierarchy.weights(), len(hierarchy.layers))
    return replace(deeper, diagnostics=diagnostics)


def add_weights(fitted: Fitted, weights: Mapping[str, torch.Tensor], n_layers: int) -> Fitted:
    """Return the model with further weights, those of layers above its topics."""
    return replace(
        fitted,
        structure=replace(fitted.structure, n_layers=n_layers),
        weights={**_as_arrays(weights), **fitted.weights},
    )


def _origin(data: Input) -> Origin:
    n_documents, n_words = data.counts.shape
    return Origin(
        topicgen=__version__,
        date=datetime.now(timezone.utc).isoformat(timespec="seconds"),
        input=data.kind,
        source=data.source,
        n_documents=n_documents,
        n_words=n_words,
        n_tokens=float(data.counts.sum()),
        n_terms=data.n_terms,
    )


def _as_arrays(state: Mapping[str, torch.Tensor]) -> Weights:
    return {name: value.detach().cpu().numpy().copy() for name, value in state.items()}
