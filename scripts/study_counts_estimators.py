"""What study_counts.py compares: settings of ``TopicModel``, and estimators made for the study."""

from dataclasses import dataclass
from typing import Any

from torch import Generator, Tensor

from topicgen.distributions import Finite
from topicgen.gradients import GenGS, GradientEstimator, PathwiseEstimator
from topicgen.gradients.estimator import Objective
from topicgen.models import COUNT_ESTIMATORS


class Averaged(PathwiseEstimator):
    """The average of several samples as one value: each token is predicted by all of them."""

    def __init__(self, estimator: PathwiseEstimator, n_averaged: int) -> None:
        super().__init__()
        self.estimator = estimator
        self.n_averaged = n_averaged

    def sample(
        self, law: Finite, n_samples: int = 1, *, generator: Generator | None = None
    ) -> Tensor:
        """Return averages of samples."""
        drawn = self.estimator.sample(law, self.n_averaged * n_samples, generator=generator)
        return drawn.unflatten(0, (n_samples, self.n_averaged)).mean(1)


class ExactInOne(GradientEstimator):
    """The expectation over one topic's atoms, exact given a sample of the others.

    A topic is drawn for each document in proportion to its expected count. The gradient of its
    masses is exact given the others, and is divided by the chance that it is drawn (local
    expectation gradients: Titsias and Lazaro-Gredilla, 2015).
    """

    def surrogate(
        self, law: Finite, objective: Objective, *, generator: Generator | None = None
    ) -> Tensor:
        """Return the loss, exact in one topic of each document."""
        z = law.sample(generator=generator)
        mean = law.mean.detach()
        chance = 0.5 * mean / mean.sum(-1, keepdim=True) + 0.5 / mean.shape[-1]
        topic = chance.multinomial(1, generator=generator)  # (documents, 1)
        atoms = law.atoms.view(-1, 1, 1).expand(-1, *topic.shape)
        candidates = z.expand(len(law.atoms), *z.shape).scatter(-1, topic.expand_as(atoms), atoms)
        losses = objective(candidates)  # (atoms, documents)
        index = topic.unsqueeze(-1).expand(-1, 1, len(law.atoms))
        probs = law.probs.gather(1, index).squeeze(1).T  # (atoms, documents)
        expected = (probs.detach() * losses).sum(0)
        weighted = (probs * losses.detach()).sum(0) / chance.gather(1, topic).squeeze(1)
        return expected + weighted - weighted.detach()


def at_the_end(temperature: float) -> GenGS:
    """Relaxed values, and straight-through ones once the temperature has fallen to .11."""
    return GenGS(temperature, straight_through=temperature < 0.11)


def add_estimators() -> None:
    """Add those of the study to the names that ``gradient_estimator`` takes."""
    COUNT_ESTIMATORS.update(
        {
            "st_at_the_end": at_the_end,
            "average_of_8": lambda temperature: Averaged(GenGS(temperature), 8),
            "average_of_8_whole": lambda temperature: Averaged(
                GenGS(temperature, straight_through=True), 8
            ),
            "exact_in_one": lambda temperature: ExactInOne(),
        }
    )


# With what the estimator's values are compared, where it is not a sample of each count.
_WHOLE = {"average_of_8": "average_of_8_whole"}


def estimators_of(options: dict[str, Any]) -> tuple[str, str]:
    """Return the names of what draws whole counts ("" for the posterior) and relaxed values."""
    name = options.get("gradient_estimator", "gengs")
    return _WHOLE.get(name, ""), name


# The mean length of a training document of 20ng_5000: with so many units, one is a token.
TOKENS = 110.5427
DEFAULT_UNITS, DEFAULT_SMOOTHING = 100, 0.5


@dataclass(frozen=True)
class Setting:
    """Parameters of ``TopicModel``, and the units to try them with."""

    table: str
    fixed: dict[str, Any]
    units: tuple[float, ...]
    scales_smoothing: bool = False

    def options(self, units: float) -> dict[str, Any]:
        """Return the parameters; a scaled smoothing is the share of the units it is by default."""
        if self.scales_smoothing:
            return {**self.fixed, "smoothing": DEFAULT_SMOOTHING * units / DEFAULT_UNITS}
        return self.fixed


def _estimator(name: str) -> Setting:
    return Setting("Estimators", {"gradient_estimator": name}, (3, 10, 30, 100))


def _remedy(scales_smoothing: bool = False, **fixed: Any) -> Setting:
    return Setting("Remedies", fixed, (3, 10, 30), scales_smoothing)


def _free(name: str) -> Setting:
    fixed = {"inference": "implicit", "gradient_estimator": name}
    return Setting("Free masses (inference='implicit')", fixed, (3, 10, 30, 100))


def _tokens(**fixed: Any) -> Setting:
    return Setting("Units that are tokens", {"likelihood": "poisson", **fixed}, (TOKENS,))


SETTINGS = {
    "GenGS": _estimator("gengs"),
    "straight-through": _estimator("gengs_st"),
    "mean": _estimator("mean"),
    "Gaussian": _estimator("gaussian"),
    "score function": _estimator("leave_one_out"),
    "EAT": _estimator("eat"),
    "annealed, 1 to .1": _remedy(temperature=(1.0, 0.1)),
    "annealed, straight-through at the end": _remedy(
        temperature=(1.0, 0.1), gradient_estimator="st_at_the_end"
    ),
    "average of 8 samples": _remedy(gradient_estimator="average_of_8"),
    "exact in one topic": _remedy(gradient_estimator="exact_in_one"),
    "smoothing in proportion": _remedy(scales_smoothing=True),
    "free masses, GenGS": _free("gengs"),
    "free masses, straight-through": _free("gengs_st"),
    "free masses, mean": _free("mean"),
    "tokens, GenGS": _tokens(),
    "tokens, straight-through": _tokens(gradient_estimator="gengs_st"),
    "tokens, mean": _tokens(gradient_estimator="mean"),
    "tokens, free masses, GenGS": _tokens(inference="implicit"),
}
