"""How long to train, and how the temperature and the learning rate change meanwhile."""

import math
from dataclasses import dataclass

import torch


@dataclass(frozen=True)
class Schedule:
    """The course of the temperature and the learning rate.

    The temperature falls geometrically from its start to its end over the first four fifths of the
    steps; the learning rate falls to a share of its start along a half cosine.

    Args:
        n_steps: all steps of the training.
        temperature: start and end, above 0.
        learning_rate: at the start.
        floor: the final learning rate, as a share of the first.
        warm_up: the share of the steps that warm up a training that needs it: the weight of the
            divergence rises from 0, and so does the pace of topics that wait for a network.

    Example:
        >>> schedule = Schedule(n_steps=10, temperature=(1.0, 0.25), learning_rate=0.2)
        >>> schedule.temperature_at(0), schedule.temperature_at(4), schedule.temperature_at(9)
        (1.0, 0.5, 0.25)
        >>> round(schedule.learning_rate_at(5), 3)
        0.102
    """

    n_steps: int
    temperature: tuple[float, float]
    learning_rate: float
    floor: float = 0.02
    warm_up: float = 0.2

    def temperature_at(self, step: int) -> float:
        """Return the temperature of a step, counted from 0."""
        start, end = self.temperature
        return start * (end / start) ** min(1.0, step / (0.8 * self.n_steps))

    def learning_rate_at(self, step: int) -> float:
        """Return the learning rate of a step, counted from 0."""
        cosine = 0.5 * (1 + math.cos(math.pi * min(1.0, step / self.n_steps)))
        return self.learning_rate * (self.floor + (1 - self.floor) * cosine)

    def ramp_at(self, step: int) -> float:
        """Return the factor that rises from 0 to 1 during the warm-up; steps count from 0."""
        return min(1.0, step / (self.warm_up * self.n_steps)) if self.warm_up else 1.0


# The learning rate for batches of up to this size.
_USUAL_BATCH = 256
_USUAL_RATE = 0.2
# On a GPU, a step with this many documents takes hardly longer than one with a few.
_BATCH_OF_A_GPU = 1024
# Every step normalises and moves the topics at all words. With a large vocabulary, a CPU spends
# more time on that than on the documents of a batch of 256.
_WORDS_PER_DOCUMENT, _LARGEST_BATCH = 128, 2048
# Documents with fewer tokens are short.
_SHORT = 15.0
_MOST_EXTRA_PASSES = 3.0


def automatic_batch_size(
    n_documents: int, n_words: int = 0, device: torch.device | str = "cpu"
) -> int:
    """Return how many documents to take per step.

    A fortieth of them, between 16 and 256 (up to 2,048 with more than 32,768 words); on a GPU, a
    tenth, between 16 and 1,024.

    Example:
        >>> automatic_batch_size(300), automatic_batch_size(2_000), automatic_batch_size(10**6)
        (16, 50, 256)
        >>> automatic_batch_size(10**6, 200_000), automatic_batch_size(10**6, device="cuda")
        (1562, 1024)
    """
    if torch.device(device).type == "cuda":
        return min(max(n_documents // 10, 16), _BATCH_OF_A_GPU)
    most = min(max(n_words // _WORDS_PER_DOCUMENT, _USUAL_BATCH), _LARGEST_BATCH)
    return min(max(n_documents // 40, 16), most)


def automatic_learning_rate(batch_size: int) -> float:
    r"""Return :math:`0.2 \sqrt{\max(1, B / 256)}` for batches of B documents.

    A larger batch has gradients of smaller variance, and fewer steps in an epoch. With this rate,
    and the epochs of ``automatic_epochs``, batches of 256, 1,024 and 4,096 predict equally well.

    Example:
        >>> automatic_learning_rate(64), automatic_learning_rate(1024)
        (0.2, 0.4)
    """
    return _USUAL_RATE * math.sqrt(max(1.0, batch_size / _USUAL_BATCH))


def automatic_epochs(n_documents: int, batch_size: int, mean_length: float = math.inf) -> int:
    """Return the number of passes over the documents, between 2 and 100.

    Topics settle after a few hundred steps; the number of passes falls with the square root of the
    number of batches. Short documents get more epochs; see ``extra_passes``.

    Example:
        >>> automatic_epochs(300, 16), automatic_epochs(11_314, 256), automatic_epochs(10**6, 256)
        (31, 20, 2)
        >>> automatic_epochs(11_314, 256, mean_length=3.0)
        45
    """
    n_batches = math.ceil(n_documents / batch_size)
    usual = 20 * math.sqrt(45 / n_batches)
    return min(max(round(usual * extra_passes(mean_length)), 2), 100)


def are_short(mean_length: float) -> bool:
    """Return whether documents, such as titles or tweets, are so short that training changes.

    Args:
        mean_length: the mean number of tokens of a document.
    """
    return mean_length < _SHORT


def extra_passes(mean_length: float) -> float:
    r"""Return the factor of the epochs for short documents, :math:`\sqrt{15 / n}`, at most 3.

    A batch of titles has a hundredth of the tokens of a batch of articles, so its gradients are far
    noisier.

    Args:
        mean_length: the mean number of tokens per document, n; from 15 on the factor is 1.

    Example:
        >>> extra_passes(3.75), extra_passes(15), extra_passes(1)
        (2.0, 1.0, 3.0)
    """
    ratio = _SHORT / max(mean_length, 1e-9)
    return min(math.sqrt(max(1.0, ratio)), _MOST_EXTRA_PASSES)
