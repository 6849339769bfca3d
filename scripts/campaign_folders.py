"""Mutated model and corpus folders: what is loaded of each, in what time and memory.

    python scripts/campaign_folders.py --n 1500 --seed 0
    python scripts/campaign_folders.py --kind "flipped bit" --n 2100         # a line for each file
    python scripts/campaign_folders.py --kind resealed --case 12 --seed 0    # one again

Each case takes a sound folder and changes one file: a flipped bit, a part cut off, the file gone or
exchanged with another, a pipe or a link in its place; and, with all checksums computed anew, as a
stranger can, numbers of arrays, values of JSON, headers, and deep nesting. It is a fault if loading
and using the folder ends in anything but a result or an InputError of one line, takes more than
five seconds or 200 MB, or ends the process; and, where checksums were left alone, if it ends in
anything but an InputError.
"""

import argparse
import json
import os
import random
import shutil
import sys
import tempfile
import warnings
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from campaigns.child import run
from campaigns.oracle import fault_of_end
from campaigns.outcome import Outcome
from campaigns.sealing import reseal
from safetensors.numpy import load_file, save_file

from topicgen import TopicModel
from topicgen.corpus import Corpus, Document, Vectorizer, build_corpus
from topicgen.errors import InputError

TEXTS = ["bank money rate loan", "goal team match player", "bank rate größer", "goal match"] * 8
_NUMBERS = (0, -1, 1, 10**6, 2**31 - 1, -(2**31))
_FLOATS = (float("nan"), float("inf"), -float("inf"), -1.0, 1e300, 0.0)
_VALUES: tuple[Any, ...] = (
    None,
    True,
    -1,
    10**30,
    1e300,
    "x",
    "",
    [],
    {},
    [[]],
    ["a", 1],
    {"a": 1},
)


def make(folder: Path) -> dict[str, Path]:
    """Write the sound folders that the cases start from."""
    documents = [
        Document(text, f"d{i}", "ab"[i % 2]).with_metadata(
            {"year": 1990 + i % 3, "party": "xy"[i % 2]}
        )
        for i, text in enumerate(TEXTS)
    ]
    build_corpus(documents, Vectorizer(stop_words=None), folder / "corpus")
    corpus = Corpus.open(folder / "corpus")
    options = {"max_epochs": 2, "random_state": 0}
    TopicModel(2, **options).fit(corpus).save(folder / "model")
    edited = TopicModel(3, prevalence="~ party + year", **options).fit(corpus)
    edited.rename({0: "economy"})
    edited.merge([1, 2])
    edited.save(folder / "edited")
    return {name: folder / name for name in ("corpus", "model", "edited")}


def use(folder: Path) -> str:
    """Load a folder and use all of it; return what was found, or the line of the InputError."""
    warnings.simplefilter("ignore")
    try:
        if folder.name == "corpus":
            corpus = Corpus.open(folder)
            found = [
                corpus.counts.sum(),
                [*corpus.ids],
                [*(corpus.labels or [])],
                corpus.vocabulary,
            ]
            found += [corpus.metadata is not None and corpus.metadata.to_csv(), corpus.found]
            if corpus.vectorizer is not None:
                corpus.vectorizer.transform(TEXTS[:4])
            TopicModel(2, max_epochs=1, random_state=0).fit(corpus)
        else:
            model = TopicModel.load(folder)
            found = [model.top_words(3), model.transform(TEXTS[:4]).round(6).tolist()]
            found += [model.topic_share_.tolist(), model.vocabulary_, model.topic_names_]
            found += [repr(model.diagnostics_.warnings), model.history_.to_csv()]
            model.get_topic_info()
            if model.prevalence is not None:
                found.append(model.effects().to_csv())
            if model.edits_:
                model.undo()
            model.suggest_merges()
            if model.prevalence is None:
                model.partial_fit(TEXTS)
    except InputError as error:
        return f"InputError: {error}"
    return repr(found)


def _flip(path: Path, rng: random.Random) -> None:
    data = bytearray(path.read_bytes())
    bit = rng.randrange(8 * len(data))
    data[bit // 8] ^= 1 << bit % 8
    path.write_bytes(bytes(data))


def _cut(path: Path, rng: random.Random) -> None:
    os.truncate(path, rng.randrange(path.stat().st_size))


def _gone(path: Path, rng: random.Random) -> None:
    path.unlink()


def _exchanged(path: Path, rng: random.Random) -> None:
    others = [other for other in sorted(path.parent.iterdir()) if other != path]
    path.write_bytes(rng.choice(others).read_bytes())


def _special(path: Path, rng: random.Random) -> None:
    kept = path.parent.parent / f"kept-{path.name}"
    path.rename(kept)
    kind = rng.choice(["pipe", "link", "folder", "device"])
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        path.symlink_to(kept if kind == "link" else "/dev/zero")


def _resealed(path: Path, rng: random.Random) -> None:
    """Change what a file holds, and compute the checksums anew."""
    if path.suffix == ".npy":
        values = np.load(path)
        values[rng.randrange(len(values))] = rng.choice(_NUMBERS)
        np.save(path, values)
    elif path.suffix == ".safetensors":
        arrays = load_file(path)
        name = rng.choice(sorted(arrays))
        values = arrays[name].copy()
        way = rng.randrange(4)
        if way == 0:
            del arrays[name]
        elif way == 1:
            arrays[name] = values[..., None].copy()
        elif way == 2:
            arrays[name] = values.astype(rng.choice([np.int8, np.float64, np.bool_]))
        elif values.size:
            is_float = values.dtype.kind == "f"
            with np.errstate(all="ignore"):
                new = np.array(rng.choice(_FLOATS if is_float else _NUMBERS)).astype(values.dtype)
            values.reshape(-1)[rng.randrange(values.size)] = new
            arrays[name] = values
        save_file(arrays, path)
    elif path.suffix == ".json":
        value = json.loads(path.read_text("utf-8"))
        _change(value, rng)
        path.write_text(json.dumps(value), "utf-8")
    else:
        _flip(path, rng)
    _reseal(path.parent)


def _change(value: Any, rng: random.Random) -> None:
    """Replace or remove one value somewhere in JSON."""
    places = []

    def walk(part: Any) -> None:
        for key in part if isinstance(part, dict) else range(len(part)):
            if key not in ("sha256", "format_version"):
                places.append((part, key))
                if isinstance(part[key], dict | list):
                    walk(part[key])

    walk(value)
    part, key = rng.choice(places)
    if rng.random() < 0.2:
        del part[key]
    else:
        part[key] = rng.choice(_VALUES)


def _deep(path: Path, rng: random.Random) -> None:
    path.write_bytes(rng.choice([b"[", b'{"a":', b'"']) * 10**5)
    _reseal(path.parent)


def _header(path: Path, rng: random.Random) -> None:
    data = path.read_bytes()
    if path.suffix == ".npy":
        start = data.index(b"(") + 1
        data = data[:start] + b"999999999999" + data[start + 12 :]
    else:
        data = rng.randrange(2**40, 2**62).to_bytes(8, "little") + data[8:]
    path.write_bytes(data)
    _reseal(path.parent)


def _reseal(folder: Path) -> None:
    """Compute the checksums of a folder anew, where its description is still JSON."""
    unreadable = (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError)
    with suppress(*unreadable):
        reseal(folder)


# What is done, and whether it has to be found.
KINDS: dict[str, tuple[Callable[[Path, random.Random], None], bool]] = {
    "flipped bit": (_flip, True),
    "cut off": (_cut, True),
    "gone": (_gone, True),
    "exchanged": (_exchanged, True),
    "pipe, link, folder or device": (_special, True),
    "resealed": (_resealed, False),
    "deep": (_deep, True),
    "header": (_header, True),
}


def case(sound: dict[str, Path], kind: str, seed: int, number: int) -> tuple[str, str | None]:
    """Run one case; return what was changed, and what is wrong, if anything is."""
    rng = random.Random(f"{kind} {seed} {number}")
    files = sorted(file for folder in sound.values() for file in folder.iterdir())
    source, name = files[number % len(files)].parent, files[number % len(files)].name
    change, must_be_found = KINDS[kind]
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place, source.name)
        shutil.copytree(source, folder)
        path = folder / name
        before = path.read_bytes()
        change(path, rng)
        is_same = path.is_file() and not path.is_symlink() and path.read_bytes() == before
        # The first bytes of names are names, and of Arrow's a reader needs none.
        is_magic = kind == "header" and path.suffix not in (".npy", ".safetensors", ".json")
        outcome = run(use, folder, seconds=5, megabytes=200)
        fault = fault_of(outcome, must_be_found=must_be_found and not is_same and not is_magic)
    return f"{source.name}/{path.name}", fault


def fault_of(outcome: Outcome, *, must_be_found: bool) -> str | None:
    """Return what is wrong with the use of a folder, or None."""
    if fault := fault_of_end(outcome):
        return fault
    if outcome.error is not None:
        return f"traceback: {outcome.error[:200]}"
    found = str(outcome.value)
    if not found.startswith("InputError: "):
        return "not found" if must_be_found else None
    return "several lines" if "\n" in found else None


def campaign(n: int, seed: int, kinds: list[str], only: int | None = None) -> int:
    """Run cases of each kind; print a table and each fault; return the number of faults."""
    tried: Counter[str] = Counter()
    faults: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as place:
        sound = make(Path(place))
        numbers = range(n // len(kinds)) if only is None else [only]
        for kind in kinds:
            for number in numbers:
                where, fault = case(sound, kind, seed, number)
                # Of a single kind, the table has a line for each file.
                line = kind if len(kinds) > 1 else where
                tried[line] += 1
                if fault is not None:
                    faults[line] += 1
                    print(f"{where}: {fault}  (--kind {kind!r} --case {number} --seed {seed})")
    print(f"{'kind':<32}{'tried':>8}{'faults':>8}")
    for line, n_tried in tried.items():
        print(f"{line:<32}{n_tried:>8}{faults[line]:>8}")
    return faults.total()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=800)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kind", choices=KINDS)
    parser.add_argument("--case", type=int)
    given = parser.parse_args()
    chosen = [given.kind] if given.kind else [*KINDS]
    sys.exit(1 if campaign(given.n, given.seed, chosen, given.case) else 0)
