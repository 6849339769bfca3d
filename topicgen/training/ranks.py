"""Several processes that train one model: each computes a part, and all know the sums.

A process has a number, its rank. All ranks run the same program on the same documents and draw the
same random numbers; only the work of each step is shared. So all take the same decisions, and hold
the same model at the end.
"""

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from topicgen.errors import InputError
from topicgen.plain import quoted

if TYPE_CHECKING:
    from torch._C._distributed_c10d import Store

# The others wait while rank 0 counts words, which may take hours. A process that has ended is
# noticed at once, however long this is.
_PATIENCE = timedelta(days=2)


class LostRankError(RuntimeError):
    """Another process of the training has ended, so this process cannot continue."""

    def __init__(self) -> None:
        super().__init__(
            "the training was stopped, or one of its processes ended, so all processes end; if it "
            "was started with --checkpoint DIR, run the same command with --resume to continue"
        )


class Ranks:
    """The processes of a training, seen from one of them; by default there is only this process.

    What is summed or copied is a tensor, on the CPU or on the GPU of this process. All ranks have
    to call the same methods in the same order.

    Args:
        rank: the number of this process, from 0.
        size: how many processes there are.

    Example:
        >>> ranks = Ranks()
        >>> ranks.sum_(torch.tensor([3.0])), ranks.broadcast("seed"), ranks.gather(7)
        (tensor([3.]), 'seed', [7])
        >>> ranks.share(torch.tensor([5, 1]))
        slice(0, 2, None)
    """

    def __init__(self, rank: int = 0, size: int = 1) -> None:
        self.rank = rank
        self.size = size

    @property
    def is_first(self) -> bool:
        """Whether this process is the one that writes and prints."""
        return self.rank == 0

    def share(self, sizes: Tensor) -> slice:
        """Return which items this rank works on: a slice, with about the same work for each rank.

        Half of the work of an item is taken to be in proportion to its size.

        Args:
            sizes: of the items, such as the number of words of documents, shape (n_items,).
        """
        if self.size == 1:
            return slice(0, len(sizes))
        work = sizes.cpu().double()
        work = work + (work.mean() if len(work) else 0.0)
        middle = work.cumsum(0) - work / 2
        ends = torch.arange(self.size + 1) * (work.sum() / self.size)
        start, stop = torch.searchsorted(middle, ends[[self.rank, self.rank + 1]]).tolist()
        return slice(start, len(sizes) if self.rank == self.size - 1 else stop)

    def sum_(self, values: Tensor) -> Tensor:
        """Replace the values by their sums over all ranks, the same digits on each; return them."""
        return values

    def greatest(self, values: Tensor) -> Tensor:
        """Return the maximum of the values over all ranks, elementwise."""
        return values

    def copy_first_(self, tensors: Iterable[Tensor]) -> None:
        """Replace the tensors by those of rank 0."""

    def broadcast(self, value: Any) -> Any:
        """Return the value of rank 0, which JSON can express."""
        return value

    def gather(self, value: Any) -> list[Any]:
        """Return the values of all ranks, which JSON can express, in their order."""
        return [value]

    def barrier(self) -> None:
        """Wait until all ranks have come this far."""

    def is_first_to(self, what: str) -> bool:
        """Return whether no other rank has asked for this before: who is to print an error."""
        return True


ALONE = Ranks()

_current: ContextVar[Ranks] = ContextVar("ranks", default=ALONE)


def current_ranks() -> Ranks:
    """Return the ranks of the surrounding ``joined`` or ``launched`` block, or this process alone.

    >>> current_ranks().size
    1
    """
    return _current.get()


@contextmanager
def joined(
    rank: int, size: int, address: str, *, device: torch.device | str = "cpu"
) -> Iterator[Ranks]:
    """Train together with other processes: each fit in this block is a fit of all processes.

    Args:
        rank: the number of this process, from 0 to ``size - 1``.
        size: how many processes there are.
        address: "host:port", where rank 0 listens and the others find it.
        device: what this rank computes on: "cpu", or a GPU that is its own, such as "cuda:1".

    Raises:
        InputError: where the address is not host:port, or the rank is not below ``size``.
        LostRankError: where another process ends before the training has.
    """
    from torch._C._distributed_c10d import TCPStore

    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal():
        raise InputError(f"address must be 'host:port' of rank 0, got {quoted(address)}")
    if not 0 <= rank < size:
        raise InputError(f"rank must be from 0 to {size - 1} with {size} processes, got {rank}")
    if size == 1:
        yield ALONE
        return
    with _lost_ranks_named():
        store = TCPStore(host, int(port), size, rank == 0, timeout=_PATIENCE)
    with _group(store, rank, size, torch.device(device)) as ranks:
        yield ranks


@contextmanager
def launched() -> Iterator[Ranks]:
    """Train together with the processes that ``torchrun`` has started with this one, if it has.

    A rank with CUDA computes on the GPU that has the rank's number on its machine.

    Raises:
        LostRankError: where another process ends before the training has.
    """
    size = int(os.environ.get("WORLD_SIZE", "1"))
    if size == 1 or current_ranks().size > 1:
        yield current_ranks()
        return
    from torch.distributed.rendezvous import rendezvous

    with _lost_ranks_named():
        store, rank, size = next(iter(rendezvous("env://", timeout=_PATIENCE)))
    device = torch.device("cpu")
    if torch.cuda.is_available():
        device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))
    with _group(store, rank, size, device) as ranks:
        yield ranks


@contextmanager
def _group(store: "Store", rank: int, size: int, device: torch.device) -> Iterator[Ranks]:
    from torch import distributed
    from torch._C._distributed_c10d import PrefixStore

    backend = "gloo"
    if device.type == "cuda":
        torch.cuda.set_device(device)
        backend = "cpu:gloo,cuda:nccl"
    with _lost_ranks_named():
        distributed.init_process_group(
            backend,
            store=PrefixStore("topicgen", store),
            rank=rank,
            world_size=size,
            timeout=_PATIENCE,
        )
    token = _current.set(_Joined(rank, size, store))
    try:
        yield current_ranks()
    finally:
        _current.reset(token)
        distributed.destroy_process_group()


class _Joined(Ranks):
    """One of several ranks, which reach each other by ``torch.distributed``."""

    def __init__(self, rank: int, size: int, store: "Store") -> None:
        super().__init__(rank, size)
        self._store = store

    def sum_(self, values: Tensor) -> Tensor:
        from torch.distributed import all_reduce

        with _lost_ranks_named():
            all_reduce(values)
        return values

    def greatest(self, values: Tensor) -> Tensor:
        from torch.distributed import ReduceOp, all_reduce

        found = values.detach().clone()
        with _lost_ranks_named():
            all_reduce(found, op=ReduceOp.MAX)
        return found

    def copy_first_(self, tensors: Iterable[Tensor]) -> None:
        from torch.distributed import broadcast

        with torch.no_grad(), _lost_ranks_named():
            for tensor in tensors:
                whole = tensor.detach().contiguous()
                broadcast(whole, 0)
                tensor.copy_(whole)

    def broadcast(self, value: Any) -> Any:
        # JSON, because an object of another process could be code.
        text = json.dumps(value).encode() if self.is_first else b""
        length = torch.tensor([len(text)])
        self.copy_first_([length])
        content = torch.zeros(int(length), dtype=torch.uint8)
        if self.is_first:
            content = torch.frombuffer(bytearray(text), dtype=torch.uint8)
        self.copy_first_([content])
        return json.loads(bytes(content.tolist()))

    def gather(self, value: Any) -> list[Any]:
        text = torch.frombuffer(bytearray(json.dumps(value).encode()), dtype=torch.uint8)
        lengths = torch.zeros(self.size, dtype=torch.int64)
        lengths[self.rank] = len(text)
        ends = self.sum_(lengths).cumsum(0).tolist()
        content = torch.zeros(ends[-1], dtype=torch.uint8)
        content[ends[self.rank] - len(text) : ends[self.rank]] = text
        parts = bytes(self.sum_(content).tolist())
        starts = [0, *ends[:-1]]
        return [json.loads(parts[a:b]) for a, b in zip(starts, ends, strict=True)]

    def barrier(self) -> None:
        self.sum_(torch.zeros(1))

    def is_first_to(self, what: str) -> bool:
        try:
            return bool(self._store.add(f"topicgen/{what}", 1) == 1)
        except RuntimeError:  # the store was that of the process that has ended
            return True


def sum_gradients_(model: nn.Module, values: Tensor, ranks: Ranks) -> None:
    """Replace the gradients of a model's parameters, and some values, by their sums over all ranks.

    They go in one message, as a message takes a millisecond whatever its length.

    Args:
        model: after a backward pass.
        values: of the type of the parameters, one axis.
        ranks: the processes.
    """
    if ranks.size == 1:
        return
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    gradients = (
        torch.zeros_like(parameter) if parameter.grad is None else parameter.grad
        for parameter in parameters
    )
    together = torch.cat([values, *(gradient.reshape(-1) for gradient in gradients)])
    ranks.sum_(together)
    sizes = [len(values), *(parameter.numel() for parameter in parameters)]
    sums, *parts = together.split(sizes)
    values.copy_(sums)
    for parameter, part in zip(parameters, parts, strict=True):
        parameter.grad = part.view_as(parameter)


@contextmanager
def _lost_ranks_named() -> Iterator[None]:
    """Say of an error of the connection what it means."""
    try:
        yield
    except RuntimeError as error:
        raise LostRankError from error
