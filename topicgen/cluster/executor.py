"""Tasks and their results, wherever they run."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol, TypeVar

Item = TypeVar("Item")


class Executor(Protocol):
    """Runs functions as tasks. A handle stands for a result, here or on another machine.

    A task's result depends on its arguments alone, so a task that was lost with its machine is run
    again.

    Attributes:
        n_ahead: how many tasks to begin before the result of the first is needed.
    """

    n_ahead: int

    def submit(self, function: Callable[..., Any], *arguments: Any, n_results: int = 1) -> Any:
        """Begin a task, and return the handle of its result.

        Args:
            function: one of a module that can be imported on all machines.
            *arguments: where one is a handle, the function gets what it stands for.
            n_results: where above 1, the function returns so many, and this a list of handles.
        """

    def put(self, value: Any) -> Any:
        """Return the handle of a value that many tasks take."""

    def result(self, handle: Any) -> Any:
        """Wait for a result and return it, or raise what the task raised."""


class Here:
    """Runs each task at once, in this process.

    >>> here = Here()
    >>> here.result(here.submit(divmod, here.put(7), 2, n_results=2)[1])
    1
    """

    n_ahead = 1

    def submit(self, function: Callable[..., Any], *arguments: Any, n_results: int = 1) -> Any:
        """Run the function, and return its result as a handle."""
        values = [one[0] if isinstance(one, _Done) else one for one in arguments]
        result = function(*values)
        return _Done([result]) if n_results == 1 else [_Done([one]) for one in result]

    def put(self, value: Any) -> Any:
        """Return the value as a handle."""
        return _Done([value])

    def result(self, handle: Any) -> Any:
        """Return what a handle stands for."""
        return handle[0]


class _Done(list[Any]):
    """The handle of a result that is there: a list of it alone."""


def in_order(
    items: Iterable[Item], begin: Callable[[Item], Any], n_ahead: int
) -> Iterator[tuple[Item, Any]]:
    """Yield items, each with what ``begin`` returns for it, begun some items earlier.

    >>> for number, begun in in_order([1, 2, 3], lambda n: print("begin", n) or -n, n_ahead=1):
    ...     print(number, begun)
    begin 1
    begin 2
    1 -1
    begin 3
    2 -2
    3 -3
    """
    waiting: deque[tuple[Item, Any]] = deque()
    for item in items:
        waiting.append((item, begin(item)))
        if len(waiting) > n_ahead:
            yield waiting.popleft()
    while waiting:
        yield waiting.popleft()
