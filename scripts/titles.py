"""Short texts with labels: the distinct subjects of 20 Newsgroups, six words each on average.

A subject is stripped of its "Re:" and counts once, under the newsgroup of its first post (training
posts before test posts, in the order of their names). A tenth is for testing, a tenth for choosing
settings, and the rest for training. Coherence is measured on whole posts.
"""

import os
import re
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scipy.sparse as sp

from topicgen import Vectorizer

_REPLY = re.compile(r"(?i)^\s*(re|fwd?)\s*(\[\d+\]|\^\d+)?\s*[:.]\s*")
_SUBJECT = re.compile(r"(?im)^Subject:[ \t]*(.*(?:\n[ \t]+.*)*)")


@dataclass(frozen=True)
class Titles:
    """Titles and their newsgroups; ``train``, ``validation`` and ``test`` are rows of ``counts``.

    ``reference`` are the counts of the whole posts, over the same vocabulary.
    """

    texts: list[str]
    labels: np.ndarray
    counts: sp.csr_matrix
    vocabulary: list[str]
    reference: sp.csr_matrix
    vectorizer: Vectorizer
    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray


def load_titles(stop_words: str | None = "english") -> Titles:
    """Return the titles, from the archive of posts in the folder ``TOPICGEN_DATA``."""
    posts = sorted(_posts(), key=lambda post: ("bydate-test" in post[0], post[0]))
    first: dict[str, tuple[str, str]] = {}
    for name, subject, _ in posts:
        title = stripped(subject)
        first.setdefault(title.lower(), (title, name.split("/")[-2]))
    texts = [title for title, _ in first.values()]
    _, labels = np.unique([group for _, group in first.values()], return_inverse=True)
    order, n = np.random.default_rng(7).permutation(len(texts)), len(texts)
    vectorizer = Vectorizer(stop_words=stop_words)
    return Titles(
        texts=texts,
        labels=labels,
        counts=sp.csr_matrix(vectorizer.fit_transform(texts)),
        vocabulary=list(vectorizer.get_feature_names_out()),
        reference=sp.csr_matrix(
            vectorizer.transform([f"{subject}\n{body}" for _, subject, body in posts])
        ),
        vectorizer=vectorizer,
        test=order[: n // 10],
        validation=order[n // 10 : n // 5],
        train=order[n // 5 :],
    )


def stripped(subject: str) -> str:
    """Return a subject without the "Re:" that replies put before it."""
    while (shorter := _REPLY.sub("", subject)) != subject:
        subject = shorter
    return subject.strip()


def _posts() -> list[tuple[str, str, str]]:
    """Return each post's path in the archive, subject and body."""
    folder = Path(os.environ.get("TOPICGEN_DATA", "../shared/data")) / "20ng_raw"
    archive = folder / "20news-bydate.tar.xz"
    if not archive.is_file():
        sys.exit(f"expected the posts of 20 Newsgroups, got no {archive}; set TOPICGEN_DATA")
    posts = []
    with tarfile.open(archive) as files:
        for member in files:
            if member.isfile() and (file := files.extractfile(member)):
                head, _, body = file.read().decode("latin-1").partition("\n\n")
                subject = _SUBJECT.search(head)
                line = re.sub(r"\s+", " ", subject[1]).strip() if subject else ""
                posts.append((member.name, line, body))
    return posts
