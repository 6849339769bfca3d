"""How often a training writes a checkpoint."""

import math
import re
from dataclasses import dataclass

from topicgen.errors import InputError, shown

_MINUTES = re.compile(r"\s*(\d+(?:\.\d*)?|\.\d+)\s*min(?:utes?)?\s*")


@dataclass(frozen=True)
class Interval:
    """A number of epochs, or of seconds.

    Args:
        epochs: how many epochs lie between two checkpoints; None where time counts.
        seconds: likewise.

    Example:
        >>> Interval.of(5), Interval.of("10min")
        (Interval(epochs=5, seconds=None), Interval(epochs=None, seconds=600.0))
    """

    epochs: int | None = None
    seconds: float | None = None

    @classmethod
    def of(cls, every: int | str | None) -> "Interval":
        """Return the interval that a user names: 5 or "5" epochs, or "10min"; None for 5 minutes.

        Raises:
            InputError: where it is neither, or not above 0.
        """
        if every is None:
            return USUAL
        text = str(every)
        minutes = _MINUTES.fullmatch(text)
        if not isinstance(every, bool):
            if minutes and 0 < float(minutes[1]) < math.inf:
                return cls(seconds=60 * float(minutes[1]))
            if re.fullmatch(r"\s*[0-9]{1,9}\s*", text) and int(text) > 0:
                return cls(epochs=int(text))
        raise InputError(
            f"every={shown(every)} is not an interval; pass a number of epochs such as 5, or a "
            "number of minutes such as '10min'"
        )

    def is_over(self, epoch: int, batch: int, seconds: float) -> bool:
        """Return whether a checkpoint is due.

        Args:
            epoch: how many epochs have ended.
            batch: how many batches of the present epoch are done.
            seconds: since the last checkpoint.
        """
        if self.epochs is not None:
            return batch == 0 and epoch % self.epochs == 0
        return self.seconds is not None and seconds >= self.seconds


# A crash costs at most this much work, whatever an epoch takes.
USUAL = Interval(seconds=300.0)
