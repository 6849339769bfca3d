"""Kill every command that writes, at its file events and at random moments, and see what is left.

After a kill the old or the new content must be whole in its place. Of files that belong together,
the main one may be missing until the next read or write. Then the same command runs again: it must
succeed (or find that the result is there already), its result must be that of an undisturbed run,
and nothing else may be left.

    python scripts/campaign_kills.py --n 1000 --seed 0
"""

import argparse
import os
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from campaigns.killing import Ending, run
from campaigns.writing_commands import (
    COMMANDS,
    Command,
    call,
    make_inputs,
    placed,
    prepare,
    state,
    succeed,
    warm_up,
)

from topicgen.files import restored

# The rest are kills at file events.
_SHARE_AT_RANDOM = 0.25


class Stage(NamedTuple):
    """A command that is ready to be killed, and what it does undisturbed.

    Args:
        command: the command.
        folder: with what is there before; every kill happens in a copy.
        old: the state before.
        new: the state after.
        again: the state after one more run.
        events: the number of its file events.
        seconds: how long it takes.
    """

    command: Command
    folder: Path
    old: dict[str, str]
    new: dict[str, str]
    again: dict[str, str]
    events: int
    seconds: float


class Kill(NamedTuple):
    """A kill to try: before a file event, or after some seconds."""

    stage: Stage
    event: int | None
    seconds: float | None

    def __str__(self) -> str:
        moment = f"event {self.event}" if self.seconds is None else f"{self.seconds:.4f} s"
        return f"{self.stage.command.name} at {moment}"


def campaign(n: int, seed: int, commands: list[Command], home: Path) -> tuple[Counter, list[str]]:
    """Try kills, and return how often what happened, by command and result, and the faults.

    Args:
        n: number of kills.
        seed: of which kills.
        commands: what to kill.
        home: an empty folder to work in.
    """
    chance = random.Random(seed)
    (home / "inputs").mkdir()
    make_inputs(home / "inputs")
    warm_up(commands, home / "inputs", home / "warm")
    stages = [_stage(command, home, number) for number, command in enumerate(commands)]
    counts: Counter[tuple[str, str, str]] = Counter()
    faults: list[str] = []
    for number, kill in enumerate(_kills(stages, n, chance)):
        folder = home / f"kill-{number}"
        fault = _try(kill, folder, reads=chance.random() < 0.5)
        kind = "event" if kill.seconds is None else "moment"
        counts[kill.stage.command.name, kind, "tried"] += 1
        if fault is not None:
            result, explanation = fault
            counts[kill.stage.command.name, kind, result] += 1
            if result != "late":
                faults.append(f"{kill}: {result}: {explanation}")
        os.chdir(home)
        shutil.rmtree(folder)
    return counts, faults


def _stage(command: Command, home: Path, number: int) -> Stage:
    folder, once = home / f"before-{number}", home / f"once-{number}"
    prepare(command, home / "inputs", folder)
    old = state(folder)
    shutil.copytree(folder, once)
    os.chdir(once)
    start = time.perf_counter()
    ending = succeed(command.words, once)
    seconds = time.perf_counter() - start
    new = state(once)
    run(call(f"{command.words} {command.again}"), once)
    return Stage(command, folder, old, new, state(once), ending.events, seconds)


def _kills(stages: list[Stage], n: int, chance: random.Random) -> list[Kill]:
    at_events = [Kill(stage, event, None) for stage in stages for event in range(stage.events)]
    chance.shuffle(at_events)
    chosen = at_events[: n - int(n * _SHARE_AT_RANDOM)]
    for number in range(n - len(chosen)):
        stage = stages[number % len(stages)]
        chosen.append(Kill(stage, None, chance.uniform(0, 0.7 * stage.seconds)))
    return chosen


def _try(kill: Kill, folder: Path, *, reads: bool) -> tuple[str, str] | None:
    """Return what is at fault and how, or None."""
    command, old, new = kill.stage.command, kill.stage.old, kill.stage.new
    shutil.copytree(kill.stage.folder, folder)
    os.chdir(folder)
    ending = run(call(command.words), folder, event=kill.event, seconds=kill.seconds)
    if not ending.was_killed and ending.status != 0:
        return "wrong", f"it ended with {ending.status}: {ending.output}"
    if reads:
        restored(folder / command.output)
    now = state(folder)
    is_away = command.is_set and command.output not in now
    if placed(now) not in (placed(old), placed(new)) and not (is_away and not reads):
        return "lost", _difference(placed(new), placed(now))
    if not ending.was_killed:
        return "late", ""
    second = run(call(f"{command.words} {command.again}"), folder)
    return _second_fault(kill.stage, placed(now), second, state(folder))


def _second_fault(
    stage: Stage, before: dict[str, str], second: Ending, after: dict[str, str]
) -> tuple[str, str] | None:
    if second.status is None:
        return "hung", second.output
    is_there = second.status == 2 and "already exists" in second.output
    if second.status and not (is_there and before == placed(stage.new)):
        return "wrong", f"the next run ended with {second.status}: {second.output}"
    if placed(after) not in (placed(stage.new), placed(stage.again)):
        return "wrong", _difference(placed(stage.new), placed(after))
    if not is_there and after.keys() - placed(after).keys():
        return "left", ", ".join(sorted(after.keys() - placed(after).keys()))
    hidden = sorted(name for name in after if name.startswith("."))
    return ("left", ", ".join(hidden)) if hidden else None


def _difference(wanted: dict[str, str], found: dict[str, str]) -> str:
    names = sorted(name for name in wanted | found if wanted.get(name) != found.get(name))
    return f"differs from the new content in {', '.join(names)}"


def _print(counts: Counter[tuple[str, str, str]], faults: list[str]) -> None:
    seen = {name for name, _, _ in counts}
    names = [command.name for command in COMMANDS if command.name in seen]
    columns = ("tried", "late", "lost", "wrong", "left", "hung")
    print(f"{'command':34} {'kills at':8} " + " ".join(f"{column:>6}" for column in columns))
    for name in [*names, "all"]:
        for kind in ("event", "moment"):
            row = [_sum(counts, name, kind, column) for column in columns]
            print(f"{name:34} {kind:8} " + " ".join(f"{number:6,}" for number in row))
    for fault in faults:
        print(fault)


def _sum(counts: Counter[tuple[str, str, str]], name: str, kind: str, column: str) -> int:
    if name != "all":
        return counts[name, kind, column]
    return sum(number for key, number in counts.items() if key[1:] == (kind, column))


def main() -> None:
    """Run the campaign and print a table; exit with 1 if there is a fault."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=1000, help="number of kills")
    parser.add_argument("--seed", type=int, default=0, help="of which kills")
    parser.add_argument("--commands", default="", help="only those with one of these, by commas")
    parser.add_argument("--home", default=None, help="where to work; by default in memory")
    options = parser.parse_args()
    in_memory = "/dev/shm" if os.path.isdir("/dev/shm") else None
    parts = options.commands.split(",")
    commands = [command for command in COMMANDS if any(part in command.name for part in parts)]
    start = time.perf_counter()
    with tempfile.TemporaryDirectory(dir=options.home or in_memory) as home:
        counts, faults = campaign(options.n, options.seed, commands, Path(home))
        os.chdir("/")
    _print(counts, faults)
    print(f"{options.n:,} kills in {time.perf_counter() - start:.0f} s, {len(faults):,} faults")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
