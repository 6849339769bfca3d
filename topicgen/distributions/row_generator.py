"""Random numbers for some rows of a batch, the same as where one process draws for all rows."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from torch import Generator, Tensor


@dataclass(frozen=True)
class Wanted:
    """The rows of a batch that a process has, where other processes have the others.

    Args:
        start: the first row.
        stop: the row after the last.
        n_rows: the number of rows of the batch.
        greatest: returns the greatest values of all processes, given those of this one.
    """

    start: int
    stop: int
    n_rows: int
    greatest: Callable[[Tensor], Tensor]

    def times(self, n: int) -> "Wanted":
        """Return the same where each row consists of n rows."""
        return Wanted(self.start * n, self.stop * n, self.n_rows * n, self.greatest)


class RowGenerator(Generator):
    """A generator of torch that knows which rows of a batch are wanted.

    All processes draw for all rows, because the numbers of a row depend on how many were drawn
    before it. Drawing takes far less time than what is done with the draws.

    Example:
        >>> import torch
        >>> alone, shared = (RowGenerator().manual_seed(0) for _ in range(2))
        >>> whole = drawn_rows(Tensor.normal_, torch.empty(4, 2), alone)
        >>> with shared.wanting(Wanted(1, 3, 4, greatest=lambda values: values)):
        ...     rows = drawn_rows(Tensor.normal_, torch.empty(2, 2), shared)
        >>> torch.equal(rows, whole[1:3])
        True
    """

    wanted: Wanted | None = None

    @contextmanager
    def wanting(self, wanted: Wanted | None) -> Iterator[None]:
        """Let functions that draw for the rows of a batch return these alone within the block."""
        before, self.wanted = self.wanted, wanted
        try:
            yield
        finally:
            self.wanted = before


def wanted_rows(generator: Generator | None) -> Wanted | None:
    """Return which rows of a batch are wanted; None for all."""
    return generator.wanted if isinstance(generator, RowGenerator) else None


def drawn_rows(
    draw_: Callable[..., Tensor], like: Tensor, generator: Generator | None, *, dim: int = 0
) -> Tensor:
    """Return draws for the wanted rows.

    Args:
        draw_: fills a tensor and returns it, such as ``torch.Tensor.normal_``.
        like: of the shape and type of the result.
        generator: where the randomness comes from; None for torch's global stream.
        dim: the axis of the rows.
    """
    wanted = wanted_rows(generator)
    shape = list(like.shape)
    if wanted is not None:
        shape[dim] = wanted.n_rows
    draws = draw_(like.new_empty(shape), generator=generator)
    if wanted is None:
        return draws
    return draws.narrow(dim, wanted.start, wanted.stop - wanted.start)
