"""What a gradient estimator learns while it trains a model."""

from collections.abc import Mapping

from torch import Tensor

from topicgen.gradients import GradientEstimator
from topicgen.prefixes import entries_under
from topicgen.training.adam import Adam

# A baseline has to follow a loss that falls fast at first; its weights move at this share of the
# topics' learning rate.
_SHARE = 0.05

_ESTIMATOR, _OPTIMIZER = "estimator.", "optimizer."


class Learning:
    """A gradient estimator with the optimizer of its own parameters, if it has any.

    Args:
        estimator: its surrogate gives its own parameters the gradient of their own loss.
    """

    def __init__(self, estimator: GradientEstimator) -> None:
        self.estimator = estimator
        self._optimizer = Adam(dict(estimator.named_parameters()))

    def step(self, rate: float | Tensor) -> None:
        """Move the parameters along their gradients, at the topics' learning rate."""
        self._optimizer.step(_SHARE * rate)
        self._optimizer.zero_grad()

    def state(self) -> dict[str, Tensor]:
        """Return all that ``load`` needs, by name."""
        estimator = {
            _ESTIMATOR + name: value for name, value in self.estimator.state_dict().items()
        }
        moments = {_OPTIMIZER + name: value for name, value in self._optimizer.state.items()}
        return estimator | moments

    def load(self, state: Mapping[str, Tensor]) -> None:
        """Continue from the ``state()`` of another.

        Raises:
            KeyError, RuntimeError, ValueError: where an entry is missing or of another shape.
        """
        self.estimator.load_state_dict(entries_under(state, _ESTIMATOR))
        self._optimizer.load(entries_under(state, _OPTIMIZER))
