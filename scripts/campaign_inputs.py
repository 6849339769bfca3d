"""Mutated inputs of every form: what is read of each, in what time and memory.

    python scripts/campaign_inputs.py --n 20000 --seed 0
    python scripts/campaign_inputs.py --form npz --case 123 --seed 0    # one again, with its files

Each case takes a small valid input, changes one of its files (flipped bits, parts cut off, removed
or repeated, numbers and sizes changed, deep nesting, floods of breaks, other encodings, a pipe in
its place) and reads it. It is a fault if reading ends in anything but a result or an InputError of
one line, takes more than five seconds or 200 MB, or ends the process; if what was read has negative
or infinite counts, words or ids that cannot be written, or another sum of counts than a plain
reading of the file finds; and if a file with a checksum gives another result than before.
"""

import argparse
import os
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path

from campaigns.batches import run_cases
from campaigns.forms import Form, all_forms, pack, quietly, unpack
from campaigns.mutators import ALL

from topicgen.errors import InputError


def mutated(form: Form, seed: int, number: int) -> tuple[str, dict[str, bytes]]:
    """Return what was done to a form's files in a case, and the files."""
    rng = random.Random(f"{form.name} {seed} {number}")
    files = dict(form.files)
    if number == 0:
        return "nothing", files
    name = rng.choice([*files, form.source] if form.source in files else [*files])
    kind = rng.choice([*ALL])
    if rng.random() < 0.01 and not form.may_wait:
        return f"pipe {name}", files
    if name == form.packed and rng.random() < 0.5:
        parts = unpack(name, files[name])
        part = rng.choice([*parts])
        parts[part] = ALL[kind](parts[part], rng)
        files[name] = pack(name, parts)
        return f"{kind} {name}/{part}", files
    for _ in range(rng.choice([1, 1, 1, 3])):
        files[name] = ALL[kind](files[name], rng)
    return f"{kind} {name}", files


def place(folder: Path, done: str, files: dict[str, bytes]) -> None:
    """Write the files of a case."""
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if done == f"pipe {name}":
            os.mkfifo(path)
        else:
            path.write_bytes(data)


def read_case(form: Form, seed: int, number: int, folder: Path, valid: object) -> tuple[str, str]:
    """Return what becomes of a case: its outcome, and what is wrong with it."""
    done, files = mutated(form, seed, number)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    place(folder, done, files)
    try:
        found = quietly(form.read, folder / form.source)
    except InputError as error:
        text = str(error)
        if number == 0:
            return "refused", f"a valid input is refused: {text}"
        if "\n" in text or len(text) > 2000:
            return "refused", f"a message of {len(text)} characters, {text[:100]!r}"
        return "refused", ""
    except BaseException as error:
        return "", f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
    is_packed = done.endswith(form.packed) and done.split()[0] in ("flip", "truncate", "size")
    if (number == 0 or (form.is_summed and form.packed and is_packed)) and found != valid:
        return "read", "another result than before"
    try:
        total = form.total(files)
    except (ValueError, IndexError, OverflowError):
        total = None
    if total is not None and total != (counted := sum(map(sum, found[0] or []))):
        return "read", f"counts add up to {counted}, in the file to {total}"
    return "read", ""


def campaign(
    n: int, seed: int, names: list[str] | None = None, *, verbose: bool = True
) -> tuple[int, int]:
    """Return how many cases were tried, and how many have a fault; print a table.

    Args:
        n: how many cases, of all forms together.
        seed: of the mutations.
        names: the forms; all of them by default.
        verbose: whether to print faults as they are found.
    """
    n_tried = n_faults = 0
    with tempfile.TemporaryDirectory() as scratch:
        (templates := Path(scratch, "templates")).mkdir()
        forms = all_forms(templates)
        chosen = names or [*forms]
        print(f"{'form':<16}{'tried':>7}{'read':>7}{'refused':>9}{'faults':>8}{'ms each':>9}"
              f"{'slowest s':>11}{'most MB':>9}")  # fmt: skip
        for name in chosen:
            form, folder = forms[name], Path(scratch, "case")
            (base := Path(scratch, "base")).mkdir()
            place(base, "nothing", form.files)
            valid = quietly(form.read, base / form.source)
            shutil.rmtree(base)
            begun = time.perf_counter()

            def case(number: int, form=form, folder=folder, valid=valid) -> tuple[str, str]:
                return read_case(form, seed, number, folder, valid)

            verdicts = []
            for verdict in run_cases(case, range(max(1, n // len(chosen)))):
                verdicts.append(verdict)
                if verdict.fault and verbose:
                    done, _ = mutated(form, seed, verdict.number)
                    print(f"  FAULT {name}: {verdict.fault} ({done}); again: --form {name!r} "
                          f"--seed {seed} --case {verdict.number}", flush=True)  # fmt: skip
            took = time.perf_counter() - begun
            outcomes = [verdict.outcome for verdict in verdicts]
            faults = sum(bool(verdict.fault) for verdict in verdicts)
            print(
                f"{name:<16}{len(verdicts):>7,}{outcomes.count('read'):>7,}"
                f"{outcomes.count('refused'):>9,}{faults:>8,}{1000 * took / len(verdicts):>9.1f}"
                f"{max(verdict.seconds for verdict in verdicts):>11.2f}"
                f"{max(verdict.megabytes for verdict in verdicts):>9.0f}",
                flush=True,
            )
            n_tried, n_faults = n_tried + len(verdicts), n_faults + faults
    print(f"{'all':<16}{n_tried:>7,}{'':>16}{n_faults:>8,}")
    return n_tried, n_faults


def again(name: str, seed: int, number: int) -> None:
    """Read the input of one case in this process, and leave its files for a look."""
    with tempfile.TemporaryDirectory() as scratch:
        form = all_forms(Path(scratch))[name]
    folder = Path(tempfile.mkdtemp(prefix="case-"))
    done, files = mutated(form, seed, number)
    place(folder, done, files)
    print(f"{done} in {folder}")
    print(quietly(form.read, folder / form.source))


def main() -> int:
    """Run the campaign, or one case; return 1 where there is a fault."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--n", type=int, default=2000, help="cases of all forms together")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--form", action="append", help="only this one; may be repeated")
    parser.add_argument("--case", type=int, help="only this one, of the one --form")
    options = parser.parse_args()
    if options.case is not None:
        again(options.form[0], options.seed, options.case)
        return 0
    return 1 if campaign(options.n, options.seed, options.form)[1] else 0


if __name__ == "__main__":
    sys.exit(main())
