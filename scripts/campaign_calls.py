"""Options of every command, and arguments of every public function, of wrong kinds and sizes.

    python scripts/campaign_calls.py --n 5000 --seed 0
    python scripts/campaign_calls.py --only fit,TopicModel.transform

Each case is a child of a process that has loaded everything, with 5 seconds and 200 MB (see
``campaigns.child``). A command must exit with status 0, or with 2 and one line that says why; a
call must return, or raise InputError, ValueError or TypeError with a message of topicgen's own.
Prints a table of the cases tried and the faults, and how to repeat each fault; exits with 1 after
faults.
"""

import argparse
import contextlib
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
from pathlib import Path
from typing import Any

import click
import numpy as np
import pandas as pd
import torch
from campaigns.child import Outcome, run
from campaigns.oracle import fault_of_command, fault_of_end

import topicgen
from topicgen import Corpus, TopicModel, Vectorizer, distributions, evaluation
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
    "../..", "/", "/dev/null", "/dev/full", "model", "corpus", "a.txt", "a.csv", "nope",
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


def cases(generator: random.Random, only: set[str]) -> Iterator[Case]:
    """Yield cases without end, of each command and each callable in turn."""
    commands, calls = _commands(main), _callables()
    model, corpus = TopicModel.load("other"), Corpus.open("corpus")
    names = [name for name in (*commands, *calls) if not only or name in only]
    if not names:
        raise SystemExit(
            f"nothing is named like {', '.join(only)}; there are {[*commands, *calls]}"
        )
    while True:
        for name in names:
            if name in commands:
                yield _command_case(name, commands[name], generator)
            else:
                yield _call_case(name, calls[name], generator, {"model": model, "corpus": corpus})


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

    def act() -> None:
        # The paths that a case may write to are its own.
        with tempfile.TemporaryDirectory() as home:
            shutil.copytree(".", home, dirs_exist_ok=True)
            os.chdir(home)
            os.environ["HOME"] = home
            main(words)

    return Case(name, f"topicgen {quoted(words, 400)}", act, fault_of_command)


# Of scikit-learn, and what writes where it is called.
_NOT_OURS = {
    "save", "load", "get_metadata_routing", "get_params", "set_output", "set_params",
    "set_fit_request", "set_partial_fit_request", "set_split_request", "set_transform_request",
    "write_to",
}  # fmt: skip


def _callables() -> dict[str, Any]:
    found: dict[str, Any] = {"TopicModel": TopicModel, "Corpus": Corpus, "Vectorizer": Vectorizer}
    found |= {"compare": topicgen.compare, "select_k": topicgen.select_k}
    for owner in (TopicModel, Corpus, Vectorizer):
        for name, value in inspect.getmembers(owner):
            if not name.startswith("_") and callable(value) and name not in _NOT_OURS:
                found[f"{owner.__name__}.{name}"] = value
    for module in (distributions, evaluation):
        for name in module.__all__:
            if callable(getattr(module, name)):
                found[f"{module.__name__.removeprefix('topicgen.')}.{name}"] = getattr(module, name)
    return found


def _call_case(name: str, function: Any, generator: random.Random, objects: dict[str, Any]) -> Case:
    owner, _, method = name.rpartition(".")
    instance = {"TopicModel": objects["model"], "Corpus": objects["corpus"]}.get(owner)
    if owner == "Vectorizer":
        instance = objects["corpus"].vectorizer
    if instance is not None:
        function = getattr(instance, method)
    arguments: dict[str, Callable[[], Any]] = {}
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            continue
        if parameter.default is not parameter.empty and generator.random() < 0.7:
            continue
        sound = _sound(parameter.name)
        wrong = generator.choice(_VALUES)
        arguments[parameter.name] = sound if sound and generator.random() < 0.6 else wrong
    shown = ", ".join(f"{key}={_shown(value)}" for key, value in arguments.items())

    def act() -> None:
        # Estimators check their parameters when they are fitted.
        made = function(**{key: value() for key, value in arguments.items()})
        if name == "TopicModel":
            made.set_params(max_epochs=1).fit(_TEXTS)
        elif name == "Vectorizer":
            made.fit_transform(_TEXTS)

    return Case(name, f"{name}({shown})", act, fault_of_call)


def _sound(name: str) -> Callable[[], Any] | None:
    return {
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
    "inhomogeneous", "has no len", "cannot convert", "Expected parameter", "maximum recursion",
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


def campaign(n: int, seed: int, only: set[str]) -> tuple[Counter[str], list[tuple[Case, str, Any]]]:
    """Run so many cases; return how many were tried of each kind, and the faults."""
    tried: Counter[str] = Counter()
    faults = []
    with tempfile.TemporaryDirectory() as folder, _inside(folder):
        prepare(Path(folder))
        generator = random.Random(seed)
        for case, _ in zip(cases(generator, only), range(n), strict=False):
            outcome = run(case.act, seconds=SECONDS, megabytes=MEGABYTES, folder=folder)
            tried[case.what] += 1
            fault = case.judge(outcome)
            if fault is not None:
                faults.append((case, fault, outcome))
    return tried, faults


def _print(tried: Counter[str], faults: list[tuple[Case, str, Any]]) -> None:
    of_kind = Counter(case.what for case, _, _ in faults)
    print(f"{'command or callable':40} {'tried':>7} {'faults':>7}")
    for name, number in tried.items():
        print(f"{name:40} {number:7,} {of_kind[name]:7,}")
    print(f"{'all':40} {tried.total():7,} {len(faults):7,}")
    for case, fault, outcome in faults:
        last = (outcome.error or outcome.stderr.strip()).splitlines()[-1:] or [""]
        where = [line.strip() for line in outcome.traceback.splitlines() if "topicgen/" in line][
            -1:
        ]
        print(f"\n{fault}: {case.shown}\n    {quoted(last[0], 300)} {' '.join(where)[-120:]}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--n", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="", help="names of commands or callables, with commas")
    options = parser.parse_args()
    torch.set_num_threads(1)
    result = campaign(options.n, options.seed, set(filter(None, options.only.split(","))))
    _print(*result)
    sys.exit(1 if result[1] else 0)
