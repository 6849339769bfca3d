"""How long everyday tasks take, compared with another version of the package.

    python scripts/benchmark_speed.py                            # this checkout, five rounds
    python scripts/benchmark_speed.py --against ../before        # compared with another checkout

Every task runs in a separate process, alternating between the checkouts so that other load on the
machine affects both; medians and the ratio of each pair's times are shown. The corpus is 20
Newsgroups (20ng_5000, in $TOPICGEN_DATA, else ../shared/data), K = 50; where it is missing, an
equal number of random documents is used.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp

TINY = [f"{animal} eat {food} and sleep" for animal in ("cats", "dogs") for food in ("a", "bb")] * 9


def corpus(part: str, scale: float) -> sp.csr_matrix:
    folder = Path(os.environ.get("TOPICGEN_DATA", "../shared/data")) / "20ng_5000"
    if (folder / f"{part}_bow.npz").exists():
        counts = sp.load_npz(folder / f"{part}_bow.npz").tocsr().astype(int)
    else:
        counts = sp.random(8_000, 5_000, 0.01, "csr", rng=np.random.default_rng(0))
        counts.data = np.ceil(counts.data * 3)
    return counts[: round(scale * counts.shape[0])]


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def fit_and_use(scale: float) -> dict[str, float]:
    from topicgen import TopicModel

    train, test = corpus("train", scale), corpus("test", scale)
    model = TopicModel(50, random_state=0)
    seconds: dict[str, float] = {}
    seconds["fit"], _ = timed(lambda: model.fit(train))
    seconds["seconds per epoch"] = seconds["fit"] / model.n_epochs_
    seconds["transform"] = min(timed(lambda: model.transform(test))[0] for _ in range(3))
    seconds["perplexity"], _ = timed(lambda: model.perplexity(test))
    seconds["posterior: intervals"], _ = timed(lambda: model.posterior(test).interval(0.9))
    seconds["get_document_info"], _ = timed(lambda: model.get_document_info(test))
    seconds["partial_fit"], _ = timed(lambda: model.partial_fit(train[:2_000]))
    return seconds


def tiny(scale: float) -> dict[str, float]:
    """Time the first fit of a process, and later fits."""
    start = time.perf_counter()
    from topicgen import TopicModel

    TopicModel()  # loads what it needs
    loading = time.perf_counter() - start
    first, *later = (
        timed(lambda: TopicModel(2, random_state=0, max_epochs=20).fit(TINY))[0] for _ in range(6)
    )
    later = statistics.median(later)
    return {"import of TopicModel": loading, "first tiny fit": first, "a later tiny fit": later}


def command_line(scale: float) -> dict[str, float]:
    """Time commands without training, in CPU seconds."""
    run = [sys.executable, "-m", "topicgen"]
    imports = ["import torch, sklearn.base", "from topicgen.topic_model import TopicModel"]
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)  # Python would import topicgen from the current folder first
        lines, model = Path(folder, "docs.txt"), Path(folder, "model")
        lines.write_text("\n".join(TINY))
        fit = [*run, "fit", str(lines), "-k", "2", "--max-epochs", "2", "--quiet", "-o", str(model)]
        subprocess.run(fit, check=True, capture_output=True)
        matrix = Path(folder, "docs.ldac")
        build = [*run, "corpus", "build", str(lines), "-o", str(Path(folder, "corpus")), "--quiet"]
        subprocess.run(build, check=True, capture_output=True)
        convert = [*run, "corpus", "convert", str(Path(folder, "corpus")), str(matrix)]
        return {
            "CPU: topicgen --help": cpu([*run, "--help"]),
            "CPU: topicgen topics": cpu([*run, "topics", str(model)]),
            "CPU: topicgen corpus convert": cpu(convert),
        } | {f"CPU: {code}": cpu([sys.executable, "-c", code]) for code in imports}


def steps(scale: float) -> dict[str, float]:
    """Time steps of training at small and large vocabularies, in CPU seconds of one thread."""
    import torch

    from topicgen.models import PRIORS, LatentCountModel, count_atoms
    from topicgen.training import Collection, Schedule, Trainer, generator, smoothed_frequency

    torch.set_num_threads(1)
    seconds = {}
    for n_words, batch_size in ((5_000, 256), (20_000, 256), (200_000, 256), (200_000, 1_562)):
        n_documents = max(1_024, 2 * batch_size)
        counts = corpus("train", 1.0)[:n_documents]
        if n_words != counts.shape[1]:
            random, mass = np.random.default_rng(0), 1 / np.arange(1, n_words + 1) ** 0.9
            words = random.choice(n_words, n_documents * 100, p=mass / mass.sum())
            where = np.repeat(np.arange(n_documents), 100), words
            counts = sp.csr_matrix((np.ones(len(words)), where), shape=(n_documents, n_words))
        collection = Collection(counts)
        prior = PRIORS["negative_binomial"](torch.full((50,), 2.0), count_atoms(130))
        frequency = smoothed_frequency(collection.word_totals())
        model = LatentCountModel(prior, frequency, generator=generator(0, "cpu"))
        trainer = Trainer(model, batch_size=batch_size, generator=generator(1, "cpu"))
        watched, n_steps = collection.select(torch.arange(10)), -(-n_documents // batch_size)
        trainer.run(collection, watched, Schedule(n_steps, (1.0, 0.5), 0.1))
        start = time.process_time()
        trainer.run(collection, watched, Schedule(n_steps, (1.0, 0.5), 0.1))
        per_step = (time.process_time() - start) / n_steps
        seconds[f"CPU: step, {n_words:,} words, batch of {batch_size:,}"] = per_step
    return seconds


def cpu(command: list[str]) -> float:
    """Return the user and system seconds of a command."""
    before = os.times()
    subprocess.run(command, check=True, capture_output=True)
    after = os.times()
    return sum(after[2:4]) - sum(before[2:4])


TASKS = {"use": fit_and_use, "tiny": tiny, "command line": command_line, "steps": steps}


def measure(checkout: Path, task: str, scale: float) -> dict[str, float]:
    """Return the seconds of a task in a process that imports topicgen from a checkout."""
    command = [sys.executable, __file__, "--task", task, "--scale", str(scale)]
    environment = {**os.environ, "PYTHONPATH": str(checkout.resolve())}
    run = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    result: dict[str, float] = json.loads(run.stdout)
    return result


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--against", type=Path, help="another checkout, the older one")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--tasks", nargs="+", choices=TASKS, default=list(TASKS))
    parser.add_argument("--scale", type=float, default=1.0, help="share of the corpus")
    parser.add_argument("--task", choices=TASKS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.task:
        print(json.dumps(TASKS[options.task](options.scale)))
        return
    checkouts = {"now": Path(__file__).parents[1]}
    if options.against:
        checkouts = {"before": options.against} | checkouts
    runs: dict[str, dict[str, list[float]]] = {name: {} for name in checkouts}
    for _ in range(options.rounds):
        for task in options.tasks:
            for name, checkout in checkouts.items():
                for what, seconds in measure(checkout, task, options.scale).items():
                    runs[name].setdefault(what, []).append(seconds)
    print(f"medians of {options.rounds}, in seconds\n")
    print("| | " + " | ".join(checkouts) + (" | now / before |" if options.against else " |"))
    print("|---" * (len(checkouts) + 1 + bool(options.against)) + "|")
    for what, now in runs["now"].items():
        cells = [f"{statistics.median(runs[name].get(what, [np.nan])):.3f}" for name in checkouts]
        if options.against and what in runs["before"]:
            pairs = zip(now, runs["before"][what], strict=True)
            cells.append(f"{statistics.median(after / before for after, before in pairs):.2f}")
        print(f"| {what} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
