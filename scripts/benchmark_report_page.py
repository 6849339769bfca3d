"""Measure the report page: its size, how long it takes to make, and to open in Chromium.

    python scripts/benchmark_report_page.py [FOLDER]

FOLDER holds the raw posts of 20 Newsgroups, as 20news-bydate-train and 20news-bydate-test; by
default it is $TOPICGEN_DATA/20ng_raw. Without it, only the collection of a million documents is
measured: counts drawn from planted topics, of which the page shows a sample. "Usable" is the time
from the start of the navigation until the page has drawn itself and reacts, the median of 5.
"""

import os
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix

from topicgen import Corpus, TopicModel, Vectorizer
from topicgen.corpus import read_documents
from topicgen.reporting import report

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
FOLDERS = ("20news-bydate-train", "20news-bydate-test")


def newsgroups(folder: Path):
    """Return a model of 50 topics, the posts as counts, and their texts."""
    documents = list(read_documents(*(str(folder / name) for name in FOLDERS)))
    options = {"drop_headers": True, "drop_quotes": True, "drop_footers": True}
    vectorizer = Vectorizer(stop_words="english", min_df=10, **options)
    corpus = Corpus.from_documents(documents, vectorizer)
    model = TopicModel(50, random_state=0).fit(corpus)
    return model, corpus, [document.text for document in documents]


def million(n_documents: int = 1_000_000, n_words: int = 2_000, n_topics: int = 50):
    """Return a model fitted to some of a million documents of 20 tokens, and all of them."""
    random = np.random.default_rng(0)
    topics = np.cumsum(random.dirichlet(np.full(n_words, 0.05), n_topics), axis=1)
    length = 20
    words = np.empty((n_documents, length), dtype=np.int32)
    for start in range(0, n_documents, 50_000):
        pairs = random.integers(n_topics, size=(50_000, 2))
        which = np.where(random.random((50_000, length)) < 0.8, pairs[:, :1], pairs[:, 1:])
        draws = random.random((50_000, length))
        for topic in range(n_topics):
            at = which == topic
            words[start : start + 50_000][at] = np.searchsorted(topics[topic], draws[at])
    words = np.minimum(words, n_words - 1)
    rows = np.repeat(np.arange(n_documents), length)
    ones = np.ones(rows.size, dtype=np.int32)
    counts = csr_matrix((ones, (rows, words.ravel())), shape=(n_documents, n_words))
    return TopicModel(n_topics, random_state=0).fit(counts[:20_000]), counts


def usable(path: Path, repeats: int = 5) -> float:
    """Return the milliseconds until the page is usable, the median."""
    from playwright.sync_api import sync_playwright

    times = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=ARGUMENTS
        )
        for _ in range(repeats):
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            page.goto(path.as_uri(), wait_until="commit")
            page.wait_for_selector("html[data-ready]", timeout=60_000)
            # The first frame after everything has been drawn.
            times.append(
                page.evaluate(
                    "() => new Promise(done => requestAnimationFrame(() => setTimeout("
                    "() => done(performance.now()))))"
                )
            )
            page.close()
        browser.close()
    return statistics.median(times)


def measure(name: str, model: TopicModel, documents, **options) -> None:
    start = time.perf_counter()
    page = report(model, documents, title=name, **options)
    seconds = time.perf_counter() - start
    with tempfile.TemporaryDirectory() as folder:
        path = page.save(Path(folder, "report.html"))
        size = path.stat().st_size / 1e6
        milliseconds = usable(path)
    print(f"{name}: {size:.1f} MB, {seconds:.0f} s to make, {milliseconds:.0f} ms to usable")
    sys.stdout.flush()


if __name__ == "__main__":
    default = Path(os.environ.get("TOPICGEN_DATA", "data"), "20ng_raw")
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else default
    if all((folder / name).is_dir() for name in FOLDERS):
        model, corpus, texts = newsgroups(folder)
        measure("20 Newsgroups, 18,846 posts, 50 topics", model, corpus, texts=texts)
    else:
        print(f"no {FOLDERS[0]} in {str(folder)!r}; pass the folder of the raw posts", flush=True)
    measure("1,000,000 documents, 50 topics", *million())
