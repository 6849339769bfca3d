"""The commands that write, each as small as it can be, for a campaign of kills.

A command is prepared in an empty folder; everything there that is not of ``_INPUTS`` is its output.
"""

import os
import shutil
from collections.abc import Callable, Iterable
from contextlib import redirect_stderr, redirect_stdout, suppress
from pathlib import Path
from typing import NamedTuple

from campaigns.contents import digest
from campaigns.killing import Ending, run
from topicgen.cli import main

_INPUTS = ("texts.txt", "others.txt", "counts", "others", "given-model")
_TEXTS = "cats purr and cats sleep\ndogs bark and dogs run\nrates rose at the bank\n" * 20
_OTHERS = "rates fell\nrivers rose and rivers ran\n" * 3
_FIT = "texts.txt -k 2 --max-epochs 2 --min-df 1 --seed 0 --quiet"


class Command(NamedTuple):
    """A command that writes.

    Args:
        name: of the command, as the table shows it.
        words: its arguments.
        output: the main file or folder that it writes.
        old: the arguments of the command that writes what is there before; None for nothing.
        again: more arguments of the run after a kill.
        is_set: whether several files belong together, so that the main one may be out of place.
    """

    name: str
    words: str
    output: str
    old: str | None = None
    again: str = ""
    is_set: bool = False


def _twice(name: str, words: str, old: str, output: str, *, is_set: bool = False) -> list[Command]:
    """Return a command that writes to a free place, and the same that replaces something."""
    new = Command(name, words, output, is_set=is_set)
    replacing = f"{words} --overwrite"
    return [new, new._replace(name=f"{name} --overwrite", words=replacing, old=old)]


def _conversions() -> list[Command]:
    outputs = {
        "ldac": "out.ldac",
        "uci": "docword.out.txt",
        "mtx": "out.mtx",
        "svmlight": "out.svmlight",
        "mallet": "out.mallet.txt",
        "gensim": "out.mm",
        "npz": "out.npz",
        "octis": "out",
        "topmost": "out",
        "topicgen": "out",
    }
    folders = ("octis", "topmost", "topicgen")
    found = []
    for name, output in outputs.items():
        found += _twice(
            f"convert --to {name}",
            f"corpus convert given.ldac {output} --to {name}",
            f"corpus convert counts {output} --to {name}",
            output,
            is_set=name not in folders,
        )
    return found


COMMANDS: list[Command] = [
    *_twice("fit", f"fit {_FIT} -o model", f"fit {_FIT} -o model --latent poisson", "model"),
    Command(
        "fit --checkpoint",
        f"fit {_FIT} -o model --checkpoint checkpoints --every 1",
        "model",
        again="--resume",
    ),
    *_twice(
        "corpus build",
        "corpus build texts.txt -o corpus --min-df 1 --quiet",
        "corpus build texts.txt -o corpus --min-df 2 --quiet",
        "corpus",
    ),
    *_conversions(),
    *_twice(
        "transform -o .csv",
        "transform given-model texts.txt -o out.csv",
        "transform given-model counts -o out.csv",
        "out.csv",
    ),
    *_twice(
        "transform -o .npz",
        "transform given-model texts.txt -o out.npz",
        "transform given-model counts -o out.npz",
        "out.npz",
    ),
    *_twice(
        "report",
        "report given-model texts.txt -o out.html --quiet",
        "report given-model texts.txt -o out.html --quiet --title Old",
        "out.html",
    ),
    Command("edit", "edit model --rename 0=pets", "model", old=f"fit {_FIT} -o model"),
    *_twice(
        "edit -o",
        "edit given-model --rename 0=pets -o out",
        "edit given-model --rename 0=old -o out",
        "out",
    ),
    *_twice(
        "select-k --figure",
        "select-k texts.txt --grid 2,3 --seeds 1 --max-epochs 1 --min-df 1 --quiet --figure a.png",
        "select-k texts.txt --grid 2,4 --seeds 1 --max-epochs 1 --min-df 1 --quiet --figure a.png",
        "a.png",
    ),
]


def call(words: str) -> Callable[[], object]:
    """Return what runs a command in this process; it ends with SystemExit."""
    return lambda: main(args=words.split(), prog_name="topicgen")


def succeed(words: str, folder: Path) -> Ending:
    """Run a command in a child, and return how it ended.

    Raises:
        RuntimeError: where it failed.
    """
    ending = run(call(words), folder)
    if ending.status != 0:
        raise RuntimeError(f"topicgen {words}: {ending.output}")
    return ending


def warm_up(commands: Iterable[Command], inputs: Path, folder: Path) -> None:
    """Run commands in this process, so that its children need not load what they use."""
    shutil.copytree(inputs, folder)
    os.chdir(folder)
    for command in commands:
        for words in (command.old, command.words):
            with (
                suppress(SystemExit),
                open(os.devnull, "w") as null,
                redirect_stdout(null),
                redirect_stderr(null),
            ):
                call(words or "--help")()


def make_inputs(folder: Path) -> None:
    """Write the inputs of all commands into an empty folder, which becomes the current one."""
    os.chdir(folder)
    Path("texts.txt").write_text(_TEXTS)
    Path("others.txt").write_text(_OTHERS)
    for words in (
        "corpus build texts.txt -o counts --min-df 1 --quiet",
        "corpus build others.txt -o others --min-df 1 --quiet",
        f"fit {_FIT} -o given-model",
        "corpus convert others given.ldac --to ldac",
    ):
        succeed(words, folder)
    n_documents = _OTHERS.count("\n")
    Path("given.ldac.ids").write_text("".join(f"letter {i}\n" for i in range(n_documents)))


def prepare(command: Command, inputs: Path, folder: Path) -> None:
    """Copy the inputs to a new folder, the current one then, and write what is there before."""
    shutil.copytree(inputs, folder)
    os.chdir(folder)
    if command.old is not None:
        succeed(command.old, folder)


def state(home: Path) -> dict[str, str]:
    """Return all that is in a folder but the inputs: digests by path, "/" for a folder."""
    found = {}
    for path in sorted(home.rglob("*")):
        name = path.relative_to(home)
        if name.parts[0] not in _INPUTS and not name.name.startswith("given."):
            found[name.as_posix()] = "/" if path.is_dir() else digest(path)
    return found


def placed(found: dict[str, str]) -> dict[str, str]:
    """Return the part of a state that is neither hidden nor a checkpoint."""
    return {
        name: digest
        for name, digest in found.items()
        if not name.startswith(".") and name.split("/")[0] != "checkpoints"
    }
