"""Options of every command, and arguments of every public function, of wrong kinds and sizes.

    python scripts/campaign_calls.py --n 5000 --seed 0
    python scripts/campaign_calls.py --only fit,TopicModel.transform

A process that has loaded everything runs one case after the other, with 5 seconds and 200 MB for
each; another goes on after a crash or a hang. A command must exit with status 0, or with 2 and one
line that says why, and leave nothing half-written; a call must return what has the right shape, or
raise InputError, ValueError or TypeError with a message of topicgen's own. Prints each fault when
it is found, and how to repeat it, and at the end a table; exits with 1 after faults.
"""

import argparse
import contextlib
import copy
import inspect
import math
import os
import random
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import click
import numpy as np
import pandas as pd
import torch
from campaigns.batches import run_cases
from campaigns.here import run_here
from campaigns.oracle import fault_of_command, fault_of_end
from campaigns.outcome import Outcome

from topicgen import (
    Corpus,
    TopicModel,
    Vectorizer,
    comparison,
    distributions,
    effects,
    evaluation,
    gradients,
    reporting,
    selection,
    visualization,
)
from topicgen.cli import main
from topicgen.corpus import Document
from topicgen.plain import quoted

SECONDS, MEGABYTES = 5.0, 200.0
_TEXTS = ["bank rates rose again", "the team won the match", "rates fell at the bank"] * 8
_WORDS = [
    "", " ", "-", "--", "0", "-1", "1", "2", "1.5", "nan", "inf", "-inf", "1e40", "1e-400",
    "9" * 400,
    str(2**31), str(2**63), str(-(2**63)), "10" + "0" * 30, "None", "True", "none", "none,date",
    "all", ",", "1,2", "0,0", "a,b", "bank", "=1", "+1", "@x", "\t", "\n", "\x1b[2J", "é" * 500,
    "/", "/dev/null", "/dev/full", "model", "corpus", "a.txt", "a.csv", "nope",
    "x" * 5_000,
    "1:2", "1-", "[", "(?P<", "(a+)+$", "{}", "[]", "{\"a\": [1]}", "~ year", "~", "1=b", "0=1",
]  # fmt: skip
_VALUES: list[Callable[[], Any]] = [
    lambda: None, lambda: True, lambda: False, lambda: 0, lambda: 1, lambda: -1, lambda: 2,
    lambda: 10**400, lambda: -(10**30), lambda: 2**63, lambda: 0.5, lambda: math.nan,
    lambda: math.inf, lambda: -math.inf, lambda: 1e300, lambda: "", lambda: "bank",
    lambda: "\ud800",
    lambda: "x" * 10_000, lambda: b"bank", lambda: [], lambda: [[]], lambda: [[1, [2]]],
    lambda: {}, lambda: {"a": 1}, lambda: {1: {2: 3}}, lambda: set(), lambda: {"bank"},
    lambda: (), lambda: (1, 2), lambda: (x for x in "ab"), lambda: object(), lambda: object,
    lambda: Path("nope"), lambda: np.float64(1.5), lambda: np.int64(-1), lambda: np.array(1.0),
    lambda: np.array([]), lambda: np.ones((2, 3)), lambda: np.array(["a", "b"]),
    lambda: np.array([None]), lambda: np.full((3, 4), np.nan), lambda: torch.ones(2),
    lambda: pd.DataFrame({"a": [1]}), lambda: pd.Series(["a"]), lambda: 1 + 2j, lambda: print,
    lambda: range(3), lambda: ["bank rates", None], lambda: [b"bank"], lambda: _TEXTS[:2],
]  # fmt: skip


@dataclass(frozen=True)
class Case:
    """One command or call.

    Attributes:
        what: the name of the command or function.
        shown: how to repeat it.
        act: does it.
        judge: returns what is wrong with its outcome, or None.
    """

    what: str
    shown: str
    act: Callable[[], Any]
    judge: Callable[[Outcome], str | None]


def prepare(folder: Path) -> None:
    """Write the tiny corpora and models that the commands use, and enter their folder."""
    os.chdir(folder)
    Path("a.txt").write_text("\n".join(_TEXTS))
    pd.DataFrame(
        {"text": _TEXTS, "year": range(2000, 2000 + len(_TEXTS)), "party": ["a", "b"] * 12}
    ).to_csv("a.csv", index=False)
    documents = [
        Document(text, str(row)).with_metadata({"year": 2000 + row, "party": "ab"[row % 2]})
        for row, text in enumerate(_TEXTS)
    ]
    corpus = Corpus.from_documents(documents, Vectorizer(min_df=1))
    corpus.save("corpus")
    for name, options in (("model", {}), ("other", {"prevalence": "~ party"})):
        TopicModel(2, max_epochs=2, random_state=0, **options).fit(corpus).save(name)


class Cases:
    """Numbered cases, of each command and each callable in turn.

    Args:
        seed: of all that is random; a case depends on it and its number alone.
        only: names of commands and callables; empty for all.
    """

    def __init__(self, seed: int, only: set[str]) -> None:
        self.seed = seed
        self.commands, self.calls = _commands(main), _callables()
        every = [*self.commands, *self.calls]
        self.names = [name for name in every if not only or name in only]
        if not self.names:
            raise SystemExit(f"nothing is named like {', '.join(only)}; there are {every}")
        self.objects = {"model": TopicModel.load("other"), "corpus": Corpus.open("corpus")}

    def __getitem__(self, number: int) -> Case:
        generator = random.Random(f"{self.seed} {number}")
        name = self.names[number % len(self.names)]
        if name in self.commands:
            return _command_case(name, self.commands[name], generator)
        return _call_case(name, self.calls[name], generator, self.objects)


def _commands(group: click.Group, before: str = "") -> dict[str, click.Command]:
    found: dict[str, click.Command] = {}
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            found |= _commands(command, f"{before}{name} ")
        else:
            found[f"{before}{name}"] = command
    return found


_INPUTS = {
    "fit": ["a.txt"], "select-k": ["a.txt"], "topics": ["model"], "edit": ["model"],
    "report": ["model", "a.txt"], "effects": ["other"], "transform": ["other", "a.csv"],
    "evaluate": ["model", "a.txt"], "compare": ["model", "other", "a.txt"],
    "corpus build": ["a.csv"], "corpus info": ["corpus"], "corpus convert": ["corpus", "out.mtx"],
    "corpus get": ["sample"],
}  # fmt: skip
_SMALL = {"fit": ["-k", "2", "--max-epochs", "1"], "select-k": ["--grid", "2,3", "--seeds", "1"]}


def _command_case(name: str, command: click.Command, generator: random.Random) -> Case:
    words = [*name.split(), *_INPUTS.get(name, []), *_SMALL.get(name, [])]
    options = [one for one in command.params if isinstance(one, click.Option)]
    for option in generator.sample(options, min(len(options), generator.choice([1, 1, 2, 3]))):
        if option.name == "help":
            continue
        words.append(generator.choice(option.opts))
        if not option.is_flag and not option.count:
            words.append(generator.choice(_WORDS))

    # What a command may write to is its own.
    reads = name in _READERS and not {"-o", "--output"} & set(words)
    return Case(
        name,
        f"topicgen {quoted(words, 400)}",
        lambda: main(words) if reads else _in_copy(words),
        fault_of_command,
    )


_READERS = {"topics", "effects", "evaluate", "compare", "transform", "corpus info"}


class LeftoverError(Exception):
    """Something half-written was left."""


def _in_copy(words: list[str]) -> None:
    """Run a command in a copy of this folder, and look for what it leaves."""
    with tempfile.TemporaryDirectory() as home:
        inside = os.path.join(home, "a", "b")
        shutil.copytree(".", inside)
        with _inside(inside):
            try:
                main(words)
            finally:
                left = [name for name in _names(home) if name.endswith(".topicgen")]
                if left:
                    raise LeftoverError(", ".join(left))


def _names(folder: str) -> Iterator[str]:
    for _, folders, files in os.walk(folder):
        yield from (*folders, *files)


# Of scikit-learn, and what writes where it is called.
_NOT_OURS = {
    "decode",
    "inverse_transform",
    "save",
    "load",
    "get_metadata_routing",
    "get_params",
    "set_output",
    "set_params",
    "set_fit_request",
    "set_partial_fit_request",
    "set_split_request",
    "set_transform_request",
}


_MODULES = (
    distributions, gradients, evaluation, effects, visualization, reporting, selection, comparison,
)  # fmt: skip


def _callables() -> dict[str, Any]:
    found: dict[str, Any] = {"TopicModel": TopicModel, "Corpus": Corpus, "Vectorizer": Vectorizer}
    for owner in (TopicModel, Corpus, Vectorizer):
        for name, value in inspect.getmembers(owner):
            if not name.startswith("_") and callable(value) and name not in _NOT_OURS:
                found[f"{owner.__name__}.{name}"] = value
    for module in _MODULES:
        for name in module.__all__:
            value = getattr(module, name)
            if callable(value) and not getattr(value, "_is_protocol", False):
                found[f"{module.__name__.removeprefix('topicgen.')}.{name}"] = value
    return found


class WrongAnswerError(Exception):
    """Something of another shape, or not finite."""


def _call_case(name: str, function: Any, generator: random.Random, objects: dict[str, Any]) -> Case:
    owner, _, method = name.rpartition(".")
    instance = {"TopicModel": objects["model"], "Corpus": objects["corpus"]}.get(owner)
    if owner == "Vectorizer":
        instance = objects["corpus"].vectorizer
    if instance is not None:
        instance = copy.copy(instance) if owner == "Corpus" else copy.deepcopy(instance)
        function = getattr(instance, method)
    arguments: dict[str, Callable[[], Any]] = {}
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            continue
        if parameter.default is not parameter.empty and generator.random() < 0.7:
            continue
        sound = _sound(parameter.name, objects)
        wrong = generator.choice(_VALUES)
        arguments[parameter.name] = sound if sound and generator.random() < 0.6 else wrong
    shown = ", ".join(f"{key}={_shown(value)}" for key, value in arguments.items())

    def act() -> Any:
        # Estimators check their parameters when they are fitted.
        made = function(**{key: value() for key, value in arguments.items()})
        if name == "TopicModel":
            made.set_params(max_epochs=1).fit(_TEXTS)
        elif name == "Vectorizer":
            made.fit_transform(_TEXTS)
        elif isinstance(made, Iterator):
            list(islice(made, 10))
        if name == "TopicModel.transform" and not (
            isinstance(made, np.ndarray)
            and made.shape == (len(made), 2)
            and np.isfinite(made).all()
        ):
            raise WrongAnswerError(quoted(made))
        return None

    return Case(name, f"{name}({shown})", act, fault_of_call)


def _sound(name: str, objects: dict[str, Any]) -> Callable[[], Any] | None:
    return {
        "model": lambda: objects["model"],
        "models": lambda: {"a": objects["model"], "b": objects["model"]},
        "logits": lambda: torch.zeros(2, 3),
        "rates": lambda: torch.ones(2, 3),
        "file": lambda: os.devnull,
        "path": lambda: "nope/out",
        "X": lambda: _TEXTS,
        "documents": lambda: _TEXTS,
        "raw_documents": lambda: _TEXTS,
        "texts": lambda: [text.split() for text in _TEXTS],
        "topics": lambda: [["bank", "rates"], ["team", "match"]],
        "counts": lambda: np.ones((4, 3)),
        "vocabulary": lambda: ["a", "b", "c"],
        "k": lambda: 0,
        "metadata": lambda: pd.read_csv("a.csv"),
    }.get(name)


def _shown(value: Callable[[], Any]) -> str:
    return quoted(value(), 60)


_OWN = (ValueError, TypeError)
_INTERNAL = (
    "object has no attribute", "not subscriptable", "unsupported operand", "not iterable",
    "could not convert", "out of range", "invalid literal", "not supported between", "broadcast",
    "truth value", "must be real number", "object is not callable", "cannot unpack", "ufunc",
    "inhomogeneous", "has no len", "cannot convert", "found invalid values:", "maximum recursion",
    "too large to convert", "unhashable type", "codec can't", "argument must be", "invalid index",
)  # fmt: skip


def fault_of_call(outcome: Outcome) -> str | None:
    """Return what is wrong with how a call ended; None where it returned or explained itself."""
    fault = fault_of_end(outcome)
    if fault is not None or outcome.error is None:
        return fault
    kind, _, message = outcome.error.partition(": ")
    if kind == "NotFittedError":
        return None
    if kind not in ("InputError", *(error.__name__ for error in _OWN)):
        return kind
    if kind != "InputError" and any(words in message for words in _INTERNAL):
        return f"{kind} of another library"
    # Python's own, of a call that lacks an argument or has one too many, are its usual words.
    return "line too long" if len(message) > 1_100 else None


@contextlib.contextmanager
def _inside(folder: str) -> Iterator[None]:
    before = os.getcwd()
    try:
        os.chdir(folder)
        yield
    finally:
        os.chdir(before)


def campaign(
    n: int, seed: int, only: set[str], report: Callable[[str], None] = lambda line: None
) -> tuple[Counter[str], list[tuple[str, str]]]:
    """Run so many cases; return how many were tried of each name, and the faults by name."""
    tried: Counter[str] = Counter()
    faults = []
    with tempfile.TemporaryDirectory() as folder, _inside(folder):
        prepare(Path(folder))
        cases = Cases(seed, only)

        def judged(number: int) -> tuple[str, str]:
            os.environ["HOME"] = folder
            os.chdir(folder)
            case = cases[number]
            outcome = run_here(case.act)
            fault = case.judge(outcome)
            return case.what, "" if fault is None else f"{fault}\n    {_told(outcome)}"

        for verdict in run_cases(judged, range(n), seconds=SECONDS, megabytes=MEGABYTES):
            case = cases[verdict.number]
            tried[case.what] += 1
            if verdict.fault:
                kind, _, told = verdict.fault.partition("\n")
                faults.append((case.what, f"{kind}: {case.shown}{told and chr(10)}{told}"))
                report(f"{faults[-1][1]}\n")
            if tried.total() % 1_000 == 0:
                report(f"{table(tried, faults)}\n")
    return tried, faults


def _told(outcome: Outcome) -> str:
    """Return the last line that an outcome has to say, and where in topicgen it comes from."""
    last = (outcome.error or outcome.stderr.strip()).splitlines()[-1:] or [""]
    where = [line.strip() for line in outcome.traceback.splitlines() if "topicgen/" in line][-1:]
    return f"{quoted(last[0], 300)} {' '.join(where)[-120:]}"


def table(tried: Counter[str], faults: list[tuple[str, str]]) -> str:
    """Return how many cases were tried, and how many faults found, by command and callable."""
    of_name = Counter(name for name, _ in faults)
    lines = [f"{'command or callable':40} {'tried':>7} {'faults':>7}"]
    lines += [f"{name:40} {number:7,} {of_name[name]:7,}" for name, number in tried.items()]
    return "\n".join([*lines, f"{'all':40} {tried.total():7,} {len(faults):7,}"])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--n", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="", help="names of commands or callables, with commas")
    options = parser.parse_args()
    torch.set_num_threads(1)
    sys.stdout.reconfigure(errors="backslashreplace")
    tried, faults = campaign(
        options.n,
        options.seed,
        set(filter(None, options.only.split(","))),
        partial(print, flush=True),
    )
    print(table(tried, faults))
    sys.exit(1 if faults else 0)
