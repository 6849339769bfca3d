"""What check_regressions.py measures: run as a program, it prints the costs of one workload.

    python scripts/regressions/workloads.py fit 3 0.5

The second argument is the seed, the third multiplies the number of documents. Data are drawn here,
with known topics, so nothing is downloaded and both versions get the same. Every import of topicgen
is inside the workload that needs it: a version that lacks something fails in that workload only.
"""

import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from itertools import cycle, islice, product
from pathlib import Path
from string import ascii_lowercase
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, vstack

N_TOPICS, N_WORDS = 10, 2_000
NAMES = ["".join(letters) for letters in islice(product(ascii_lowercase, repeat=4), N_WORDS)]


def planted(n_documents: int, seed: int, length: int = 80) -> csr_matrix:
    """Draw counts of documents that mix 10 topics, each over words of its own and all words."""
    random = np.random.default_rng(seed)
    own = np.kron(np.eye(N_TOPICS), np.ones(N_WORDS // N_TOPICS))
    topics = random.gamma(0.5, 1, own.shape) * (own + 0.05)
    topics /= topics.sum(axis=1, keepdims=True)
    shares = random.dirichlet(np.full(N_TOPICS, 0.2), n_documents)
    # In blocks, so that drawing them is not what takes the memory.
    starts = range(0, n_documents, 500)
    return vstack(
        [csr_matrix(random.multinomial(length, shares[i : i + 500] @ topics)) for i in starts]
    )


def texts(n_documents: int, seed: int) -> list[str]:
    """Draw the same kind of documents, as sentences; from the 1,000th on they repeat."""
    drawn = [
        " ".join(np.repeat(NAMES, row.toarray().ravel())).capitalize() + "."
        for row in planted(min(n_documents, 1_000), seed)
    ]
    return list(islice(cycle(drawn), n_documents))


def processor_seconds() -> float:
    """Return what this process and its children have used: other load hardly changes it."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(of.ru_utime + of.ru_stime for of in used)


def seconds(work: Callable[[], Any], repeats: int = 3) -> float:
    """Return the shortest of several times: other programs can only lengthen one."""
    times = []
    for _ in range(repeats):
        start = processor_seconds()
        work()
        times.append(processor_seconds() - start)
    return min(times)


def _fitted(size: int, seed: int, **options: Any) -> Any:
    from topicgen import TopicModel

    return TopicModel(N_TOPICS, random_state=seed, **options).fit(planted(size, seed))


def start(size: int, seed: int) -> dict[str, float]:
    """Start the command line, and import the estimator, each in a process of its own."""
    help_ = [sys.executable, "-m", "topicgen", "--help"]
    load = [sys.executable, "-c", "from topicgen import TopicModel; TopicModel()"]
    return {
        "help: seconds": seconds(lambda: subprocess.run(help_, check=True, capture_output=True)),
        "import: seconds": seconds(lambda: subprocess.run(load, check=True), 1),
    }


def fit(size: int, seed: int) -> dict[str, float]:
    """Time a fit of a fixed number of epochs; then score one with the usual stop."""
    from topicgen.evaluation import coherence

    fixed = {"max_epochs": 10, "refinement": 0}
    costs = {"seconds": seconds(lambda: _fitted(size, seed, **fixed), 1)}
    model = _fitted(size, seed)
    top = np.argsort(-model.components_, axis=1)[:, :10]
    words = [[NAMES[i] for i in topic] for topic in top]
    costs["perplexity"] = float(model.perplexity(planted(300, seed + 1_000)))
    costs["NPMI"] = coherence(words, planted(size, seed), vocabulary=NAMES)
    return costs


def transform(size: int, seed: int) -> dict[str, float]:
    model = _fitted(500, seed, max_epochs=3)
    documents = planted(size, seed)
    return {"seconds": seconds(lambda: model.transform(documents))}


def posterior(size: int, seed: int) -> dict[str, float]:
    model = _fitted(500, seed, max_epochs=3)
    documents = planted(size, seed)
    return {"seconds": seconds(lambda: model.posterior(documents).interval(0.9))}


def count(size: int, seed: int) -> dict[str, float]:
    """Count texts into a corpus folder."""
    from topicgen.corpus import Document, Vectorizer
    from topicgen.corpus.build import build_corpus

    documents = [Document(text, str(n)) for n, text in enumerate(texts(size, seed))]
    with tempfile.TemporaryDirectory() as folder:

        def build() -> None:
            build_corpus(documents, Vectorizer(), Path(folder) / "corpus", overwrite=True)

        return {"seconds": seconds(build)}


def score(size: int, seed: int) -> dict[str, float]:
    """Compute the coherence of 10 topics from the documents' counts."""
    from topicgen.evaluation import coherence

    documents = planted(size, seed)
    frequent = [NAMES[i] for i in np.argsort(-np.asarray(documents.sum(axis=0)).ravel())[:200]]
    words = [frequent[topic::N_TOPICS] for topic in range(N_TOPICS)]
    return {"seconds": seconds(lambda: coherence(words, documents, vocabulary=NAMES), 5)}


# Each with its number of documents: about a second of work, so that a start of Python is not what
# is measured.
WORKLOADS: dict[str, tuple[Callable[[int, int], dict[str, float]], int]] = {
    "start": (start, 0),
    "fit": (fit, 1_000),
    "transform": (transform, 4_000),
    "posterior": (posterior, 1_000),
    "count": (count, 40_000),
    "score": (score, 20_000),
}


def main() -> None:
    name, seed = sys.argv[1], int(sys.argv[2])
    work, size = WORKLOADS[name]
    costs = work(round(float(sys.argv[3]) * size), seed)
    if name != "start":
        costs["MiB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    import topicgen

    print(json.dumps({"costs": costs, "package": str(Path(topicgen.__file__).parent)}))


if __name__ == "__main__":
    main()
