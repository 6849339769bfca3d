"""A command that ``torchrun`` has started in several processes: one of them speaks and writes."""

import os
import signal
import sys
import tempfile
from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from topicgen.cli.input_rows import InputRows
from topicgen.errors import InputError
from topicgen.plain import quoted

if TYPE_CHECKING:
    from topicgen.corpus import Corpus

# What torch.distributed reads, and torchrun sets.
_VARIABLES = ("RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")
_COMMAND = "fit"


def n_processes() -> int:
    """Return in how many processes the command runs."""
    if not all(os.environ.get(name) for name in _VARIABLES):
        return 1
    size = os.environ["WORLD_SIZE"]
    return int(size) if size.isdecimal() else 1


def is_first() -> bool:
    """Return whether this is the process that prints and writes."""
    return n_processes() == 1 or os.environ["RANK"] == "0"


def is_to_explain() -> bool:
    """Return whether this process is the first that has to say why the command ends.

    Most mistakes are found by all processes, and if one ends, so do the others.
    """
    if n_processes() == 1:
        return True
    from topicgen.training import current_ranks

    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # the end has come already
    return current_ranks().is_first_to("explain the end")


def has_lost_another(error: BaseException) -> bool:
    """Return whether the command ends because another process has."""
    if n_processes() == 1:
        return False
    from topicgen.training import LostRankError

    return isinstance(error, LostRankError)


def check_command(words: Sequence[str]) -> None:
    """Check that a command line can be run by several processes, where there are several.

    Raises:
        InputError: where it is of a command that one process runs.
    """
    if n_processes() > 1 and words and words[0] != _COMMAND:
        raise InputError(
            f"torchrun can only run 'topicgen {_COMMAND}'; run 'topicgen {words[0]}' without "
            "torchrun"
        )


@contextmanager
def together() -> Iterator[None]:
    """Run the command together with the other processes that ``torchrun`` has started."""
    if n_processes() == 1:
        yield
        return
    from topicgen.training import LostRankError, launched

    def stop(*_: object) -> None:
        raise LostRankError

    # With it torchrun stops the processes that are left when one has ended.
    signal.signal(signal.SIGTERM, stop)
    # While a process waits for the others inside torch, Python does not hear of Ctrl-C.
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    with launched() as ranks:
        signal.signal(signal.SIGINT, before)
        if not ranks.is_first:
            sys.stdout = open(os.devnull, "w")  # noqa: SIM115 (until the process ends)
        yield


def read_once(read: Callable[[], "Corpus"], sources: Sequence[str]) -> "Corpus":
    """Return the documents to fit; texts are read and counted by the first process alone.

    It writes the counts to a temporary folder, which the others map. Counts are mapped or read by
    each process.

    Args:
        read: reads INPUT.
        sources: INPUT.

    Raises:
        InputError: where the temporary folder is on another machine.
    """
    if n_processes() == 1:
        return read()
    from topicgen.corpus.formats import recognise
    from topicgen.training import current_ranks

    ranks = current_ranks()
    if ranks.broadcast(any(recognise(source) for source in sources)):
        return read()
    if not ranks.is_first:
        corpus = _mapped(ranks.broadcast(None))
        ranks.barrier()
        return corpus
    with tempfile.TemporaryDirectory(prefix="topicgen-") as folder:
        corpus, path = read(), os.path.join(folder, "corpus")
        corpus.save(path)
        ranks.broadcast(path)
        ranks.barrier()  # from here on the others have it mapped, and need no names
    return corpus


def shared_rows(rows: InputRows) -> InputRows:
    """Return which documents of INPUT are used, as the first process knows, which has read them."""
    if n_processes() == 1:
        return rows
    from topicgen.training import current_ranks

    numbers, shared = rows.numbers, InputRows()
    own = [rows.n_read, None if numbers is None else numbers.tolist()]
    shared.n_read, chosen = current_ranks().broadcast(own)
    if chosen is not None:
        shared.choose(array("q", chosen))
    return shared


def _mapped(folder: str) -> "Corpus":
    from topicgen.corpus import Corpus
    from topicgen.corpus.storage import is_corpus

    if not is_corpus(folder):
        raise InputError(
            f"the first process counted the texts into {quoted(folder)} on its own machine, and "
            "this machine cannot read that folder; count the texts with 'topicgen corpus build' "
            "into a folder that all machines share, and fit that folder"
        )
    corpus = Corpus.open(folder, trust_recipe=True)  # written a moment ago, by this command
    for name in ("counts", "vocabulary", "vectorizer", "labels", "metadata"):
        getattr(corpus, name)
    return corpus
