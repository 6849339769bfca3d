"""What checkpoints cost: time and bytes of one, and of recognising the documents.

    python scripts/benchmark_checkpoints.py

Prints a line for each size of a model: how long a checkpoint takes, its size, and the share of the
training that this is at the usual interval of 5 minutes. Then how fast documents are recognised.
"""

import tempfile
import time
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix

from topicgen import TopicModel
from topicgen.topic_model import settings
from topicgen.topic_model.identity import digest_of_counts
from topicgen.training import Trainer
from topicgen.training.checkpoint import checkpoint_files, opened
from topicgen.training.interval import USUAL

SIZES = ((20, 5_000), (50, 20_000), (100, 100_000))
N_TIMES = 5


def main() -> None:
    """Measure and print."""
    print("topics   words     MB  seconds  share of 5 minutes")
    for n_topics, n_words in SIZES:
        n_bytes, seconds = cost(n_topics, n_words)
        share = seconds / (USUAL.seconds or 1.0)
        print(f"{n_topics:6d} {n_words:7d} {n_bytes / 1e6:6.1f} {seconds:8.3f}  {share:.3%}")
    counts = documents(200_000, 50_000)
    size = counts.data.nbytes + counts.indices.nbytes + counts.indptr.nbytes
    start = time.perf_counter()
    digest_of_counts(counts)
    seconds = time.perf_counter() - start
    rate = size / seconds / 1e9
    print(f"recognising {size / 1e9:.2f} GB of counts: {seconds:.2f} s, {rate:.2f} GB/s")


def cost(n_topics: int, n_words: int) -> tuple[int, float]:
    """Return the bytes of a checkpoint after an epoch, and the median of the seconds it takes."""
    seconds = []

    class Measured(Trainer):
        def run(self, *args, **options):  # type: ignore[no-untyped-def]
            super().run(*args, **options)
            for _ in range(N_TIMES):
                start = time.perf_counter()
                checkpoint.write(self.snapshot())
                seconds.append(time.perf_counter() - start)

    settings.Trainer = Measured  # type: ignore[misc]
    with tempfile.TemporaryDirectory() as home, opened(Path(home, "saved"), {}) as checkpoint:
        TopicModel(n_topics, max_epochs=1, random_state=0).fit(documents(2_000, n_words))
        size = checkpoint_files(checkpoint.folder)[0].stat().st_size
    return size, float(np.median(seconds))


def documents(n: int, n_words: int) -> csr_matrix:
    """Return random documents of 100 words."""
    random = np.random.default_rng(0)
    columns = random.integers(0, n_words, 100 * n)
    return csr_matrix((np.ones(100 * n, dtype=np.int64), columns, np.arange(0, 100 * n + 1, 100)))


if __name__ == "__main__":
    main()
