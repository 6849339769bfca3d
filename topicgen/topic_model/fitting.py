"""Fitting a model: the split, the starting topics and the training."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import torch
from scipy.sparse import csr_matrix

from topicgen.errors import InputError
from topicgen.models import PRIORS, Known, LatentCountModel, SparseCounts
from topicgen.plain import quoted
from topicgen.progress import note
from topicgen.topic_model.climbing import climb
from topicgen.topic_model.devices import check_memory
from topicgen.topic_model.diagnosis import compare_depth
from topicgen.topic_model.documents import Input
from topicgen.topic_model.embeddings import Vectors
from topicgen.topic_model.encoder_input import inputs_of
from topicgen.topic_model.fitted import Evidence, Fitted
from topicgen.topic_model.former import Carried, Former
from topicgen.topic_model.kept import KeptDocuments
from topicgen.topic_model.outcome import (
    MOST_WATCHED,
    add_weights,
    conclude,
    embedded,
    known_of,
    with_layers,
)
from topicgen.topic_model.saving import Phase, Saver
from topicgen.topic_model.settings import Settings
from topicgen.topic_model.settling import settle
from topicgen.topic_model.streams import Stream, derived_seed
from topicgen.training import (
    Collection,
    FormerTopics,
    Schedule,
    Trainer,
    WordPrior,
    add_layer,
    current_ranks,
    generator,
    one_core_spared,
    smoothed_frequency,
    start_at_clusters,
    start_at_former,
    start_at_seeds,
)


class TrainingInterrupted(KeyboardInterrupt):
    """Ctrl-C after the first epoch; ``fitted`` holds the best weights so far."""

    def __init__(self, fitted: Fitted) -> None:
        super().__init__()
        self.fitted = fitted


@one_core_spared()
def fit(
    settings: Settings,
    data: Input,
    seed: int,
    former: Former | None = None,
    saver: Saver | None = None,
) -> Fitted:
    """Fit a model to documents, together with the other ranks where there are any.

    Args:
        settings: the settings for this number of documents with words.
        data: the documents.
        seed: the seed of everything random.
        former: a model before, whose topics keep their numbers and names; None for a new model.
        saver: where the training is written and goes on from; None for neither.

    Raises:
        InputError: where no document has words, or the training does not converge.
        TrainingInterrupted: at Ctrl-C after the first epoch, with the best weights so far.
    """
    saver = Saver(seed) if saver is None else saver
    if settings.progress and settings.unused_gpu and current_ranks().is_first:
        note(settings.unused_gpu)
    held_out, rows = _split(data.counts, settings, seed)
    training = Collection(data.counts, rows, device=settings.device)
    watched = held_out if len(held_out) else rows[:MOST_WATCHED]
    watch = SparseCounts.from_csr(data.counts[watched], device=settings.device)
    topics = None if former is None else former.topics()
    model = _new_model(settings, training, seed, data, topics)
    is_warm = former is not None and former.is_warm
    trainer = _trainer(
        settings,
        model,
        seed,
        data,
        former=topics if is_warm else None,
        fits_strength=settings.fits_strength,
    )
    known = known_of(data, settings, rows), known_of(data, settings, watched)
    is_complete = _train_topics(settings, trainer, training, watch, known, data, seed, saver)
    carried = None if former is None else _carry_over(former, trainer)
    seen = Collection(data.counts, np.union1d(rows, held_out), device=settings.device)
    conclusion = partial(
        conclude,
        settings,
        trainer,
        training,
        seen,
        watched,
        data,
        seed,
        has_prior=settings.bound_epochs > 0 and is_complete,
    )
    fitted, is_complete = _surely(conclusion, is_complete)
    kept = _kept(data, rows, held_out, seed)
    fitted = replace(fitted, validation_indices=held_out, kept=kept)
    if former is not None and carried is not None:
        fitted = replace(fitted, names=carried.names, frozen=former.frozen)
    if not is_complete:
        raise TrainingInterrupted(fitted)
    return _deepen(fitted, settings, training, data, watched, saver)


@one_core_spared()
def start(settings: Settings, data: Input, seed: int) -> Fitted:
    """Fit a new model by a single pass over documents, without holding any out.

    Args and raises are those of ``fit``.
    """
    seed = current_ranks().broadcast(seed)
    training = Collection(data.counts, rows_with_words(data.counts), device=settings.device)
    model = _new_model(settings, training, seed, data)
    trainer = _trainer(settings, model, seed, data)
    fitted, is_complete = _pass_once(settings, trainer, training, data, seed)
    kept = _kept(data, training.rows, np.array([], dtype=np.int64), seed)
    fitted = replace(fitted, kept=kept)
    if not is_complete:
        raise TrainingInterrupted(fitted)
    return fitted


@one_core_spared()
def update(
    fitted: Fitted,
    settings: Settings,
    counts: csr_matrix,
    vectors: Vectors | None = None,
    basis: np.ndarray | None = None,
) -> Fitted:
    """Update a model by a single pass over further documents.

    Args:
        fitted: the model so far.
        settings: the settings for this number of documents with words.
        counts: counts of the model's words.
        vectors: the embeddings of the documents, where the model reads some.
        basis: the vectors of the words, or None.

    Raises:
        InputError: where no document has words, the training does not converge, or the settings do
            not match the fitted model.
        TrainingInterrupted: at Ctrl-C after the pass, with its weights.
    """
    _check_unchanged(fitted, settings)
    training = Collection(counts, rows_with_words(counts), device=settings.device)
    model = fitted.build().base
    model.inference, model.topic_scale = settings.inference, settings.topic_scale
    model.freeze(fitted.frozen)
    seed = derived_seed(fitted.seed, Stream.UPDATE, fitted.n_updates)
    embeddings = None
    if fitted.embedding is not None and vectors is not None:
        embeddings = fitted.embedding, vectors
    data = Input(
        "counts",
        counts,
        fitted.vocabulary,
        embeddings=embeddings,
        seeds=fitted.seeds,
        basis=basis,
    )
    trainer = _trainer(settings, model.to(settings.device), seed, data, history=fitted.history)
    trainer.load_state({name: torch.tensor(value) for name, value in fitted.optimizer.items()})
    new, is_complete = _pass_once(settings, trainer, training, data, seed, past=fitted.evidence)
    updated = replace(
        fitted,
        structure=replace(
            new.structure,
            encoder=fitted.structure.encoder,  # which edits may change
            encoder_input=fitted.structure.encoder_input,
        ),
        weights=new.weights,
        evidence=new.evidence,
        history=new.history,
        diagnostics=new.diagnostics,
        optimizer=new.optimizer,
        n_updates=fitted.n_updates + 1,
        before=None,  # from here on, the state before an edit is another model
    )
    if not is_complete:
        raise TrainingInterrupted(updated)
    return updated


def rows_with_words(counts: csr_matrix) -> np.ndarray:
    """Return the indices of the rows with words.

    Raises:
        InputError: where no row has words.
    """
    occupied = np.flatnonzero(np.diff(counts.indptr))
    if not len(occupied):
        raise InputError(
            f"none of the {counts.shape[0]} documents has words; add documents with words"
        )
    return occupied


# -- the training ------------------------------------------------------------------------------


def _check_unchanged(fitted: Fitted, settings: Settings) -> None:
    """Raise an error where a parameter that the weights depend on has changed since the fit."""
    weights, prior = fitted.weights, settings.first_prior()
    structure = fitted.structure
    # Edits change these, but not the parameters.
    edited = {
        "n_components": (fitted.n_topics, settings.n_components),
        "encoder": (structure.encoder, settings.encoder),
        "encoder_input": (structure.encoder_input, settings.encoder_input),
    }
    # A network's outputs depend on the kind of inference.
    of_network = {"inference": (structure.inference, settings.inference)}
    has_network = any(name.startswith("encoder.network.") for name in weights)
    values: dict[str, tuple[Any, Any]] = {
        **({} if fitted.edits else edited),
        **(of_network if has_network else {}),
        "upper_components": (structure.n_layers, len(settings.upper_components)),
        "latent": (structure.latent, settings.structure.latent),
        "likelihood": (structure.likelihood, settings.likelihood),
        "background": (not weights["free"].all(), settings.background),
        "smoothing": (float(weights["smoothing"].sum()), settings.smoothing),
        "prior_count": (float(weights["prior_count"]), settings.prior_count),
        "truncation": (float(weights["atoms"][-1]), float(prior.law.atoms[-1])),
    }
    for name, (before, now) in values.items():
        same = np.isclose(before, now, rtol=1e-5) if isinstance(now, float) else before == now
        if not same:
            raise InputError(
                f"partial_fit cannot change {name} from {quoted(before)} to {quoted(now)}; call "
                "fit, or set it back"
            )


def _split(counts: csr_matrix, settings: Settings, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows to hold out and the rows to train on, each in ascending order."""
    random = np.random.default_rng(derived_seed(seed, Stream.SPLIT))
    shuffled = random.permutation(rows_with_words(counts))
    return np.sort(shuffled[: settings.n_held_out]), np.sort(shuffled[settings.n_held_out :])


def _kept(data: Input, rows: np.ndarray, held_out: np.ndarray, seed: int) -> KeptDocuments:
    """Return the documents to keep for later edits."""

    def vectors(of_rows: np.ndarray) -> np.ndarray:
        assert data.embeddings is not None
        embedding, of_documents = data.embeddings
        return embedding.standardized(of_documents, of_rows).numpy()

    return KeptDocuments.of(
        data.counts,
        rows,
        held_out,
        np.random.default_rng(derived_seed(seed, Stream.KEPT)),
        covariates=None if data.prevalence is None else data.prevalence[1],
        groups=None if data.content is None else data.content[1].of_documents,
        embeddings=None if data.embeddings is None else vectors,
    )


def _seed_columns(data: Input) -> list[np.ndarray]:
    """Return the columns of the seed words of each topic that has some."""
    if data.seeds is None:
        return []
    return data.seeds.columns(data.vocabulary or [])


def _new_model(
    settings: Settings,
    training: Collection,
    seed: int,
    data: Input,
    former: FormerTopics | None = None,
) -> LatentCountModel:
    """Return a model with topics that start at earlier ones, seeds or clusters of documents.

    Raises:
        InputError: where the topics would not fit into memory.
    """
    check_memory(settings.n_components, training.n_words, settings.device)
    prevalence = data.prevalence
    word_totals = training.word_totals()
    mean_length = float(word_totals.sum() / len(training))
    model = LatentCountModel(
        settings.first_prior(),
        smoothed_frequency(word_totals),
        prior_count=settings.prior_count,
        smoothing=settings.smoothing,
        topic_scale=settings.topic_scale,
        latent=settings.structure.latent,
        likelihood=settings.likelihood,
        inference=settings.inference,
        mean_length=mean_length,
        usual_length=max((1 - settings.token_dropout) * mean_length, 1.0),
        background=settings.background,
        prevalence=None if prevalence is None else prevalence[0].function(settings.n_components),
        encoder=settings.encoder,
        inputs=inputs_of(
            settings.encoder_input, None if data.embeddings is None else data.embeddings[0]
        ),
        generator=generator(derived_seed(seed, Stream.TOPICS), "cpu"),
    )
    random = np.random.default_rng(derived_seed(seed, Stream.CLUSTERS))
    ranks = current_ranks()
    if ranks.is_first and data.seeds is None:
        start_at_clusters(model, training, random)
    elif ranks.is_first:
        start_at_seeds(model, training, _seed_columns(data), random)
    ranks.copy_first_([model.topic_logits])
    if former is not None:
        start_at_former(model, former)
    return model.to(settings.device)


def _trainer(
    settings: Settings,
    model: LatentCountModel,
    seed: int,
    data: Input,
    **options: Any,
) -> Trainer:
    word_prior = None
    if data.basis is not None:
        word_prior = WordPrior(torch.from_numpy(data.basis), settings.topic_scale)
    return settings.trainer(
        model,
        generator(derived_seed(seed, Stream.TRAINING), settings.device),
        seeds=_seed_columns(data),
        word_prior=word_prior,
        **options,
    )


def _carry_over(former: Former, trainer: Trainer) -> Carried:
    """Give topics the numbers that they had in a model before; return which they are."""
    with torch.no_grad():
        carried = former.carried(trainer.model.topic_word().double().cpu().numpy())
    order = former.order(carried)
    if trainer.model.latent not in PRIORS:  # the prior of each topic was given
        order = np.arange(len(order))
    trainer.reorder(order)
    return carried.reordered(order)


def _train_topics(
    settings: Settings,
    trainer: Trainer,
    training: Collection,
    watch: SparseCounts,
    known: tuple[Known | None, Known | None],
    data: Input,
    seed: int,
    saver: Saver,
) -> bool:
    """Train and settle the topics, and return whether that was completed."""
    if saver.after_training is not None:
        trainer.load(saver.after_training)
    elif _train(trainer, training, watch, settings.schedule(), settings, *known, saver):
        saver.write(Phase.TRAINED, trainer)
    else:
        return False
    if data.prevalence is not None and data.seeds is None and not saver.is_settled:
        try:
            settle(settings, trainer.model, training, watch, known, seed)
            current_ranks().copy_first_(trainer.model.state_dict().values())
        except KeyboardInterrupt:
            return False
        saver.write(Phase.SETTLED, trainer)
    if settings.bound_epochs:
        try:
            climb(settings, trainer, training, watch, known, seed)
        except KeyboardInterrupt:
            return False
    return True


def _train(
    trainer: Trainer,
    training: Collection,
    watch: SparseCounts,
    schedule: Schedule,
    settings: Settings,
    known: Known | None = None,
    watched_known: Known | None = None,
    saver: Saver | None = None,
) -> bool:
    """Train, and return whether the schedule was completed rather than cut short by Ctrl-C.

    Raises:
        InputError: where the training does not converge.
        KeyboardInterrupt: before the end of the first epoch.
    """
    saver = Saver(0) if saver is None else saver
    is_complete = True
    try:
        with saver.watching(trainer) as after_step:
            trainer.run(
                training,
                watch,
                schedule,
                known=known,
                held_out_known=watched_known,
                progress=settings.progress,
                start=saver.in_training,
                after_step=after_step,
            )
    except KeyboardInterrupt:
        if trainer.best_state is None:
            raise
        is_complete = False
    if trainer.best_state is None:
        raise InputError(
            "the training does not converge: predictions are not finite at "
            f"learning_rate={settings.learning_rate}; lower it"
        )
    return is_complete


def _pass_once(
    settings: Settings,
    trainer: Trainer,
    training: Collection,
    data: Input,
    seed: int,
    past: Evidence | None = None,
) -> tuple[Fitted, bool]:
    """Train one epoch, watching some of its documents; return the model, and if it completed."""
    watched = training.rows_at_most(MOST_WATCHED)
    watch = SparseCounts.from_csr(data.counts[watched], device=settings.device)
    known = known_of(data, settings, training.rows), known_of(data, settings, watched)
    schedule = settings.further_schedule()
    is_complete = _train(trainer, training, watch, schedule, settings, *known)
    conclusion = partial(conclude, settings, trainer, training, training, watched, data, seed, past)
    return _surely(conclusion, is_complete)


def _surely(conclusion: Callable[[], Fitted], is_complete: bool) -> tuple[Fitted, bool]:
    """Return the model, and if the training completed; a Ctrl-C meanwhile must not cost it."""
    try:
        return conclusion(), is_complete
    except KeyboardInterrupt:
        return conclusion(), False


def _deepen(
    fitted: Fitted,
    settings: Settings,
    training: Collection,
    data: Input,
    watched: np.ndarray,
    saver: Saver,
) -> Fitted:
    """Train the layers above the topics, one by one."""
    if not settings.upper_components:
        return fitted
    seed = derived_seed(fitted.seed, Stream.LAYERS)
    random, torch_random = np.random.default_rng(seed), generator(seed, settings.device)
    watch = SparseCounts.from_csr(data.counts[watched], device=settings.device)
    before = fitted
    if (done := saver.layers) is not None:
        random.bit_generator.state = done.random
        torch_random.set_state(done.generator)
        before = add_weights(fitted, done.weights, done.n_layers)
    hierarchy = before.build().double().to(settings.device)
    try:
        known = embedded(data, settings, training.rows)
        for n_topics in settings.upper_components[len(hierarchy.layers) :]:
            add_layer(
                hierarchy,
                training,
                n_topics,
                random,
                encoder=settings.encoder,
                objective=settings.objective,
                known=known,
                generator=torch_random,
                ranks=current_ranks(),
            )
            n_layers = len(hierarchy.layers)
            saver.write_layers(hierarchy.weights(), n_layers, random, torch_random)
        diagnostics = compare_depth(
            fitted.diagnostics,
            hierarchy.given(embedded(data, settings, watched, torch.float64)),
            watch.replace(watch.values.double()),
            generator=torch_random,
        )
    except KeyboardInterrupt:
        raise TrainingInterrupted(with_layers(fitted, hierarchy, fitted.diagnostics)) from None
    return with_layers(fitted, hierarchy, diagnostics)
