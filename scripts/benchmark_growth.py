"""How time and memory grow with documents, vocabulary, topics, atoms and layers.

    python scripts/benchmark_growth.py curves                # about half an hour on two cores
    python scripts/benchmark_growth.py curves --axes documents --largest 10000000
    python scripts/benchmark_growth.py ten-million           # about a quarter of an hour

curves: ``corpus build``, a fit of one epoch and ``transform`` to Parquet, on generated texts with
planted topics (scripts/growth_texts.py), for one quantity after another while the others stay at
20,000 documents, 20,000 words, 20 topics, the usual truncation and no layer above the topics. An
exponent is the slope of a regression of log time, or of log memory, on the log of the quantity: 1
is linear. Below it stands the slope of the last two points, which a fixed part (starting Python
takes some 250 MB) bends less.
ten-million: the three commands on 10,000,000 documents (--documents), and how fast each tenth of
the documents went through, which the first tenth and the last show to be steady or not.

Every measurement is a process of its own. The texts are generated as they are read and never lie on
disk. Memory is the peak resident memory of the process and its children, sampled twenty times a
second (Linux), mapped files included. Prints tables, and writes docs/growth/growth.json and
docs/growth/growth.png (--out). What one call does not measure stays as it was in the file.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from benchmark_corpus import MAPPED, UNMAPPED, measured

HERE = Path(__file__).parent
OUT = HERE.parent / "docs" / "growth"

# The documents so far, and the seconds: those passed, and those of the processor if known.
Times = tuple[float, ...]

# -- what is measured ------------------------------------------------------------------------------

_USUAL: dict[str, int] = {"documents": 20_000, "vocabulary": 20_000, "topics": 20}
AXES: dict[str, list[int]] = {
    "documents": [10**4, 10**5, 10**6, 10**7],
    "vocabulary": [1_000, 3_000, 10_000, 30_000, 100_000],
    "topics": [10, 20, 50, 100, 200, 500],
    "atoms": [10, 20, 50, 100, 200],
    "layers": [1, 2, 3, 4],
}
# Layers of half the size of the one below, from 20 topics.
_LAYERS = (10, 5, 3)


def parameters_of(axis: str, size: int) -> dict[str, Any]:
    """Return the parameters of ``TopicModel`` at a point of an axis."""
    own: dict[str, Any] = {
        "topics": {"n_components": size},
        "atoms": {"truncation": size - 1},  # the atoms are 0, 1, ..., truncation
        "layers": {"upper_components": _LAYERS[: size - 1]},
    }.get(axis, {})
    return {"n_components": _USUAL["topics"], "max_epochs": 1, "random_state": 0, **own}


def curves(folder: Path, axes: list[str], largest: int) -> Iterator[tuple[str, list[dict]]]:
    """Yield each axis with its points."""
    for axis in axes:
        points = []
        for size in AXES[axis]:
            if axis == "documents" and size > largest:
                continue
            of_texts = {name: size if axis == name else usual for name, usual in _USUAL.items()}
            corpus, model, theta = (folder / name for name in ("corpus", "model", "theta.parquet"))
            point: dict[str, Any] = {"size": size}
            if axis in ("documents", "vocabulary") or not points:
                built = build(corpus, of_texts["documents"], of_texts["vocabulary"])
                if axis in ("documents", "vocabulary"):
                    point["build"] = built
            point["fit"] = alone("fit", corpus, model, json.dumps(parameters_of(axis, size)))
            point["transform"] = alone("transform", model, corpus, theta)
            points.append(point)
            print(f"{axis} {size:,}: {short(point)}", file=sys.stderr, flush=True)
        yield axis, points


def ten_million(folder: Path, n_documents: int) -> dict[str, Any]:
    """Return what the three commands take for so many documents, and the rate of each tenth."""
    corpus, model, theta = (folder / name for name in ("corpus", "model", "theta.parquet"))
    found: dict[str, Any] = {"documents": n_documents}
    steps: dict[str, Callable[[], dict]] = {
        "corpus build": lambda: build(corpus, n_documents, _USUAL["vocabulary"]),
        "fit, one epoch": lambda: alone("fit_by_command", corpus, model),
        "transform": lambda: alone("transform", model, corpus, theta),
    }
    for name, step in steps.items():
        found[name] = step()
        print(f"{name}: {found[name]}", file=sys.stderr, flush=True)
    found["planted topics found"] = alone("topics_found", model)
    found["rows of Parquet"] = alone("rows_of", theta)["rows"]
    found["bytes"] = {
        "corpus": sum(file.stat().st_size for file in corpus.iterdir()),
        "theta.parquet": theta.stat().st_size,
    }
    return found


def build(folder: Path, n_documents: int, n_words: int) -> dict[str, Any]:
    """Return what ``corpus build`` takes for generated texts, which it reads from a pipe."""
    times = folder.with_name("times.json")
    texts = [sys.executable, str(HERE / "growth_texts.py"), "--documents", str(n_documents)]
    texts += ["--words", str(n_words), "--times", str(times)]
    command = [sys.executable, "-m", "topicgen", "corpus", "build", "-", "-o", str(folder)]
    command += ["--quiet", "--overwrite", "--min-df", "2", "--max-features", str(n_words)]
    with subprocess.Popen(texts, stdout=subprocess.PIPE) as source:
        _, found = measured(command, source.stdout)
    return described(found, found["wall seconds"], n_documents, json.loads(times.read_text()))


def alone(part: str, *arguments: object) -> dict[str, Any]:
    """Return what a part finds in a process of its own, with the time and memory it takes."""
    command = [sys.executable, __file__, "--part", part, *map(str, arguments)]
    printed, taken = measured(command)
    found = json.loads(printed.splitlines()[-1])
    if "seconds" not in found:
        return found
    return described(taken, found["seconds"], found["documents"], found["times"])


def described(taken: dict, seconds: float, n_documents: int, times: list[Times]) -> dict[str, Any]:
    rates = rates_by_tenths([(n, passed) for n, passed, *_ in times])
    # Other programs on the machine slow down the former, and hardly the latter.
    of_processor = rates_by_tenths([(n, used) for n, _, *cpu in times for used in cpu])
    found = {
        "seconds": round(seconds, 2),
        "documents per second": round(n_documents / seconds),
        "peak MiB": round(taken[MAPPED]),
        "peak MiB without mapped files": round(taken[UNMAPPED]),
        "documents per second by tenths": rates,
        "last tenth to first": round(rates[-1] / rates[0], 3) if rates else None,
    }
    if of_processor:
        found["documents per CPU second by tenths"] = of_processor
        found["last tenth to first, CPU"] = round(of_processor[-1] / of_processor[0], 3)
    return found


def moment() -> tuple[float, float]:
    """Return the seconds that have passed, and those of the processor that this process used."""
    return time.perf_counter(), time.process_time()


def rates_by_tenths(times: list[tuple[int, float]]) -> list[int]:
    """Return the documents per second of each tenth, between moments that a run passed.

    Example:
        >>> rates_by_tenths([(0, 0.0), (50, 5.0), (100, 15.0)])
        [10, 10, 10, 10, 10, 5, 5, 5, 5, 5]
    """
    if len(times) < 2:
        return []
    n_documents, seconds = np.array(times, dtype=float).T
    ends = np.linspace(n_documents[0], n_documents[-1], 11)
    return [round(rate) for rate in np.diff(ends) / np.diff(np.interp(ends, n_documents, seconds))]


# -- parts, each in a process of its own -----------------------------------------------------------


def fit(corpus: str, model: str, parameters: str) -> dict[str, Any]:
    """Fit a model in Python, which has more parameters than the command line."""
    from topicgen import Corpus, TopicModel

    options = json.loads(parameters)
    options["upper_components"] = tuple(options.get("upper_components", ()))
    opened = Corpus.open(corpus)
    with watched_training() as times:
        start = time.perf_counter()
        fitted = TopicModel(**options).fit(opened)
        seconds = time.perf_counter() - start
    fitted.save(model, overwrite=True)
    return {"seconds": seconds, "documents": len(opened), "times": times}


def fit_by_command(corpus: str, model: str) -> dict[str, Any]:
    """Run ``topicgen fit`` for one epoch."""
    arguments = ["fit", corpus, "-k", str(_USUAL["topics"]), "--max-epochs", "1", "--seed", "0"]
    arguments += ["-o", model, "--quiet", "--overwrite"]
    with watched_training() as times:
        return {**run_command(arguments), "times": times, "documents": times[-1][0]}


def transform(model: str, corpus: str, theta: str) -> dict[str, Any]:
    """Run ``topicgen transform`` to a file."""
    from topicgen.topic_model import inference

    times: list[Times] = []
    inferred = inference.proportion_blocks

    def watched(*arguments: Any, **options: Any) -> Iterator[Any]:
        for rows, found in inferred(*arguments, **options):
            times.append((times[-1][0] + len(found) if times else 0, *moment()))
            yield rows, found

    inference.proportion_blocks = watched
    found = run_command(["transform", model, corpus, "-o", theta, "--overwrite"])
    from topicgen import Corpus

    return {**found, "documents": len(Corpus.open(corpus)), "times": times}


def run_command(arguments: list[str]) -> dict[str, Any]:
    """Run a command of topicgen in this process, and return the seconds after its imports."""
    from topicgen.cli import main as topicgen
    from topicgen.cli.inputs import read_input  # noqa: F401  (slow to import)
    from topicgen.topic_model import TopicModel  # noqa: F401

    start = time.perf_counter()
    try:
        topicgen(arguments)
    except SystemExit as end:
        if end.code:
            raise
    return {"seconds": time.perf_counter() - start}


@contextmanager
def watched_training() -> Iterator[list[Times]]:
    """Note when how many documents have been trained on, in the first epoch."""
    from topicgen.training.batches import Batches

    times: list[Times] = []
    unwatched = Batches.epoch

    def epoch(batches: Any, *arguments: Any, **options: Any) -> Iterator[Any]:
        is_first, n_documents = not times, 0
        for batch in unwatched(batches, *arguments, **options):
            if is_first:
                times.append((n_documents, *moment()))
            yield batch
            n_documents += int(batch.n_documents)
        if is_first:
            times.append((n_documents, *moment()))

    Batches.epoch = epoch
    try:
        yield times
    finally:
        Batches.epoch = unwatched


def topics_found(model: str) -> dict[str, Any]:
    """Return how similar the planted topics are to those of a model, matched one to one."""
    from growth_texts import Planted, vocabulary
    from scipy.optimize import linear_sum_assignment

    from topicgen import TopicModel

    fitted, planted = TopicModel.load(model), Planted.of().topic_word
    column = {word: number for number, word in enumerate(vocabulary())}
    is_known = [word in column for word in fitted.vocabulary_]
    columns = [column[word] for word in fitted.vocabulary_ if word in column]
    learnt = np.zeros((fitted.components_.shape[0], planted.shape[1]))
    learnt[:, columns] = fitted.components_[:, is_known]
    unit = [rows / np.linalg.norm(rows, axis=1, keepdims=True) for rows in (planted, learnt)]
    cosine = unit[0] @ unit[1].T
    matched = cosine[linear_sum_assignment(-cosine)]
    return {
        "planted": len(planted),
        "with cosine above .9": int((matched > 0.9).sum()),
        "least cosine": round(float(matched.min()), 3),
    }


def rows_of(path: str) -> dict[str, Any]:
    import pyarrow.parquet as pq

    return {"rows": pq.ParquetFile(path).metadata.num_rows}


# -- what is shown ---------------------------------------------------------------------------------

COMMANDS = ("build", "fit", "transform")
QUANTITIES = {"seconds": "s", "peak MiB": "MiB"}


def exponents(points: list[dict]) -> dict[str, dict[str, list[float]]]:
    """Return the slopes in logarithms over all points and over the last two.

    Example:
        >>> points = [{"size": n, "fit": {"seconds": n**2, "peak MiB": 100}} for n in (1, 10, 100)]
        >>> exponents(points)["fit"]
        {'seconds': [2.0, 2.0], 'peak MiB': [0.0, 0.0]}
    """
    found: dict[str, dict[str, list[float]]] = {}
    for command in COMMANDS:
        some = [point for point in points if command in point]
        if len(some) < 2:
            continue
        size = [point["size"] for point in some]
        found[command] = {
            name: [
                round(slope(size[start:], [point[command][name] for point in some[start:]]), 2)
                + 0.0
                for start in (0, len(some) - 2)
            ]
            for name in QUANTITIES
        }
    return found


def slope(x: list[float], y: list[float]) -> float:
    return float(np.polyfit(np.log(x), np.log(y), 1)[0])


def short(point: dict) -> str:
    parts = [
        f"{command} {point[command]['seconds']:,.1f} s {point[command]['peak MiB']:,} MiB"
        for command in COMMANDS
        if command in point
    ]
    return ", ".join(parts)


def lines_of(found: dict[str, Any]) -> Iterator[str]:
    for axis, points in found.get("curves", {}).items():
        yield f"\n{axis:>12}" + "".join(
            f"{f'{command}, {unit}':>16}" for unit in QUANTITIES.values() for command in COMMANDS
        )
        for point in points:
            cells = [
                f"{point[command][name]:,.5g}" if command in point else ""
                for name in QUANTITIES
                for command in COMMANDS
            ]
            yield f"{point['size']:>12,}" + "".join(f"{cell:>16}" for cell in cells)
        slopes = exponents(points)
        for which, title in enumerate(("exponent", "last two")):
            cells = [
                f"{slopes[command][name][which]:.2f}" if command in slopes else ""
                for name in QUANTITIES
                for command in COMMANDS
            ]
            yield f"{title:>12}" + "".join(f"{cell:>16}" for cell in cells)
    if "ten million" in found:
        yield ""
        for name, value in found["ten million"].items():
            yield f"{name}: {value:,}" if isinstance(value, int) else f"{name}: {value}"


def draw(found: dict[str, Any], path: Path) -> None:
    """Draw a column of panels for each axis: time above, memory below."""
    from topicgen.visualization.figures import style

    axes = list(found["curves"])
    figure, panels = style.panels(2 * len(axes), 1.5 * len(axes), 1.5, narrowest=1.4)
    looks = dict(
        zip(COMMANDS, (("s", style.GREY), ("o", style.INK), ("^", style.ACCENT)), strict=True)
    )
    for number, axis in enumerate(axes):
        points = found["curves"][axis]
        slopes = exponents(points)
        for row, name in enumerate(QUANTITIES):
            panel = panels[row * len(axes) + number]
            for command, (marker, color) in looks.items():
                some = [point for point in points if command in point]
                if not some:
                    continue
                panel.plot(
                    [point["size"] for point in some],
                    [point[command][name] for point in some],
                    marker=marker,
                    color=color,
                    markersize=2.5,
                    linewidth=0.9,
                    label=f"{command} {slopes[command][name][0]:.2f}"
                    if command in slopes
                    else command,
                )
            panel.set_xscale("log")
            panel.set_yscale("log")
            for scaled in (panel.xaxis, panel.yaxis):
                plain_logarithms(scaled)
            if row == 1:  # half a per cent of the memory is nothing to show
                panel.set_ylim(50, 2 * panel.get_ylim()[1])
            style.grid(panel)
            style.title(panel, axis, meaning="seconds" if row == 0 else "peak MiB")
            panel.legend(fontsize=style.SMALL - 1.5, frameon=False, handlelength=1.2)
    style.caption(figure, "beside the commands: exponents")
    style.finished(figure).savefig(path)


def short_number(value: float) -> str:
    """Return a number as people write it on an axis.

    Example:
        >>> short_number(0.5), short_number(20_000), short_number(10**7)
        ('0.5', '20k', '10M')
    """
    for unit, name in ((10**6, "M"), (10**3, "k")):
        if value >= unit:
            return f"{value / unit:g}{name}"
    return f"{value:g}"


def plain_logarithms(axis: Any) -> None:
    """Give an axis of logarithms numbers as people write them."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0), numticks=5))
    axis.set_major_formatter(FuncFormatter(lambda value, _: short_number(value)))
    axis.set_minor_formatter(NullFormatter())


# -- running ---------------------------------------------------------------------------------------


def machine() -> dict[str, Any]:
    return {
        "cores": len(os.sched_getaffinity(0)),
        "memory GB": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9),
        "python": platform.python_version(),
        "system": platform.system(),
    }


def write(found: dict[str, Any], out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    (out / "growth.json").write_text(json.dumps(found, indent=1) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", nargs="?", choices=["curves", "ten-million", "show"])
    parser.add_argument("--axes", nargs="+", choices=list(AXES), default=list(AXES))
    parser.add_argument("--largest", type=int, default=10**6, help="documents [default: a million]")
    parser.add_argument("--documents", type=int, default=10**7, help="of ten-million")
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--folder", type=Path, help="for what is written [default: temporary]")
    parser.add_argument("--part", nargs="+", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.part:
        name, *rest = arguments.part
        print("\n" + json.dumps(globals()[name](*rest)))
        return
    path = arguments.out / "growth.json"
    found: dict[str, Any] = json.loads(path.read_text()) if path.is_file() else {}
    with tempfile.TemporaryDirectory(dir=arguments.folder) as temporary:
        if arguments.what == "curves":
            known = found.setdefault("curves", {})
            for axis, points in curves(Path(temporary), arguments.axes, arguments.largest):
                known[axis] = points
                write(found | {"machine": machine()}, arguments.out)
            found["curves"] = {axis: known[axis] for axis in AXES if axis in known}
        elif arguments.what == "ten-million":
            found["ten million"] = ten_million(Path(temporary), arguments.documents)
    found["machine"] = machine()
    if arguments.what != "show":
        write(found, arguments.out)
    if "curves" in found:
        draw(found, arguments.out / "growth.png")
    print("\n".join(lines_of(found)))


if __name__ == "__main__":
    main()
