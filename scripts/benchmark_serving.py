"""Memory and latency of a model that serves requests in one process.

    python scripts/benchmark_serving.py
    python scripts/benchmark_serving.py --model s3://bucket/model --seconds 10

Fits a model of 20 topics and 20,000 words to generated texts (scripts/growth_texts.py), unless one
is named. A process of its own then loads it, calls ``transform`` once, and measures calls with one
document and with a hundred of 30 words, in one thread and in several that share the model. Prints
the table of docs/serving.md.
"""

import argparse
import json
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from growth_texts import Planted, texts

THREADS = (1, 2, 4, 8)


def fit(folder: str) -> None:
    from topicgen import TopicModel, Vectorizer

    some = [line for _, block in texts(Planted.of(), 40_000) for line in block.decode().split("\n")]
    vectorizer = Vectorizer(min_df=1, max_features=20_000)
    TopicModel(20, max_epochs=1, random_state=0, vectorizer=vectorizer).fit(some).save(folder)


def measure(model_folder: str, seconds: float) -> dict[str, object]:
    start = time.perf_counter()
    from topicgen import TopicModel

    model = TopicModel.load(model_folder)
    words = (model.vocabulary_ or ["word"])[:3000]
    documents = [" ".join(words[30 * row % 2900 :][:30]) for row in range(100)]
    model.transform(documents[:1])
    found: dict[str, object] = {"load": time.perf_counter() - start}
    for name, batch in (("one", documents[:1]), ("hundred", documents)):
        taken: list[float] = []
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            start = time.perf_counter()
            model.transform(batch)
            taken.append(1000 * (time.perf_counter() - start))
        found[name] = [statistics.median(taken), sorted(taken)[int(0.99 * (len(taken) - 1))]]
        found[f"{name} in threads"] = [rate(model, batch, n, seconds) for n in THREADS]
    found["memory"] = memory()
    return found


def rate(model: object, batch: list[str], n_threads: int, seconds: float) -> float:
    """Return the documents per second of threads that share a model."""
    end, done = time.perf_counter() + seconds, [0] * n_threads

    def work(number: int) -> None:
        while time.perf_counter() < end:
            model.transform(batch)  # type: ignore[attr-defined]
            done[number] += len(batch)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(n_threads)]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done) / (time.perf_counter() - start)


def memory() -> float:
    """Return the resident memory of this process in MiB, at its peak."""
    status = Path("/proc/self/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) / 1024


def lines_of(found: dict) -> list[str]:
    rows = {
        "load, and the first call": f"{found['load']:.1f} s",
        "memory of the process": f"{found['memory']:,.0f} MiB",
    }
    for name, title in (("one", "one document"), ("hundred", "100 documents")):
        median, most = found[name]
        rows[f"{title} per call"] = f"{median:.1f} ms (99% below {most:.1f} ms)"
    for name, title in (("one", "one"), ("hundred", "100")):
        rates = ", ".join(f"{value:,.0f}" for value in found[f"{name} in threads"])
        rows[f"documents per second, {title} per call, 1, 2, 4 and 8 threads"] = rates
    return ["| | |", "|---|---|", *(f"| {title} | {value} |" for title, value in rows.items())]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", help="a model folder [default: one that is fitted now]")
    parser.add_argument("--seconds", type=float, default=5, help="of each measurement")
    parser.add_argument("--part", nargs="+", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.part:
        name, *rest = arguments.part
        if name == "fit":
            fit(*rest)
        else:
            print(json.dumps(measure(rest[0], float(rest[1]))))
        return
    with tempfile.TemporaryDirectory() as folder:
        model = arguments.model or f"{folder}/model"
        alone = [sys.executable, __file__, "--part"]
        if arguments.model is None:
            subprocess.run([*alone, "fit", model], check=True)
        measured = [*alone, "measure", model, str(arguments.seconds)]
        printed = subprocess.run(measured, check=True, stdout=subprocess.PIPE, text=True).stdout
    print("\n".join(lines_of(json.loads(printed.splitlines()[-1]))))


if __name__ == "__main__":
    main()
