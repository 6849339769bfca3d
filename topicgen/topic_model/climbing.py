"""Further epochs after training, which raise the evidence lower bound itself."""

import copy

from topicgen.models import Known, SparseCounts
from topicgen.topic_model.settings import Settings
from topicgen.topic_model.streams import Stream, derived_seed
from topicgen.training import Climber, Collection, Trainer, current_ranks, generator

# Documents and rounds of the first fit of the prior, which uses the faster posteriors.
_MOST_TO_FIT_THE_PRIOR, _PRIOR_ROUNDS = 5_000, 3

# A quarter of the usual learning rate, as the topics are almost where they will end.
_RATE, _FLOOR = 0.05, 0.1


def climb(
    settings: Settings,
    trainer: Trainer,
    training: Collection,
    watch: SparseCounts,
    known: tuple[Known | None, Known | None],
    seed: int,
) -> None:
    """Train for ``bound_epochs`` further epochs on the bound; their rows continue the history.

    With several ranks, the first does all the work and sends its result to the others.

    Args:
        settings: of the fit.
        trainer: has trained the model, which it now changes in place.
        training: the documents trained on.
        watch: documents on which prediction is measured.
        known: what else is known of the documents trained on, and of those in ``watch``.
        seed: of the fit.
    """
    ranks, model = current_ranks(), trainer.model
    trained = copy.deepcopy(model.state_dict())
    if ranks.is_first:
        _start_prior(settings, trainer, training, known[0])
        climber = Climber(
            model,
            learn_prior=settings.learn_prior,
            batch_size=settings.batch_size,
            separation=0.0,  # a penalty for shared words would lower the bound
            patience=settings.bound_epochs,
            seeds=trainer.seeds,
            former=trainer.former,
            word_prior=trainer.word_prior,
            history=trainer.history,
            generator=generator(derived_seed(seed, Stream.CLIMBING), settings.device),
        )
        try:
            climber.run(
                training,
                watch,
                settings.schedule_after(settings.bound_epochs, _RATE, floor=_FLOOR),
                known=known[0],
                held_out_known=known[1],
                progress=settings.progress,
            )
        finally:
            trainer.history = climber.history
            if climber.best_state is None:
                model.load_state_dict(trained)
    ranks.copy_first_(model.state_dict().values())


def _start_prior(
    settings: Settings, trainer: Trainer, training: Collection, known: Known | None
) -> None:
    if trainer.model.prevalence is not None:  # its regression gives each document a prior
        return
    places = training.positions_at_most(_MOST_TO_FIT_THE_PRIOR)
    some = training.select(places)
    given = trainer.model.given(None if known is None else known.select(places))
    given.fit_prior(some, _PRIOR_ROUNDS, update=settings.learn_prior)
