"""Scores of models over a grid of numbers of topics, all on one split of the documents."""

import json
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.base import clone

from topicgen import evaluation
from topicgen.corpus import Corpus
from topicgen.counts import check_counts
from topicgen.errors import InputError, shown
from topicgen.evaluation.checks import check_fraction, check_whole
from topicgen.plain import quoted
from topicgen.progress import progress_bar
from topicgen.randomness import RandomSource, numpy_generator
from topicgen.selection.cells import Cell, kept_cells
from topicgen.topic_model import TopicModel
from topicgen.topic_model.documents import read_to_fit
from topicgen.topic_model.embedded import texts_to_embed
from topicgen.topic_model.embeddings import Vectors, read_embeddings
from topicgen.topic_model.identity import digest, digest_of_counts
from topicgen.topic_model.last_documents import readable_twice
from topicgen.topic_model.parameters import to_json
from topicgen.topic_model.saving import Plan
from topicgen.topic_model.word_vectors import basis_of
from topicgen.version import __version__

_USUAL = (5, 10, 20, 30, 50, 75, 100)
# Topics with fewer documents than this are seldom worth a name.
_DOCUMENTS_PER_TOPIC = 10
_SMALLEST_GRID = (2, 5)

# The texts are counted already, and each cell has a number of topics and a seed of its own.
_NO_PART = (
    "n_components",
    "random_state",
    "vectorizer",
    "text_column",
    "embedder",
    "word_vectors",
    "verbose",
)

# With more, the standard error is smaller than any difference worth acting on.
_MOST_HELD_OUT = 1_000
# Fewer say nothing about other documents.
_FEWEST_HELD_OUT = 5


@dataclass(frozen=True, eq=False)
class GridPoint:
    """The scores of one number of topics, from models that differ in their seeds only.

    Args:
        n_components: K.
        log_prob: (seeds, held-out documents), of the hidden half of each document's tokens given
            the other half, in nats.
        n_tokens: (held-out documents,), the number of hidden tokens that ``log_prob`` covers.
        coherence: (seeds,), NPMI of document co-occurrence in all documents, from -1 to 1.
        diversity: (seeds,), share of distinct words among the top words.
        stability: mean similarity of the topics of every two seeds; NaN with one seed.
        seconds: (seeds,), to fit and score a model.
    """

    n_components: int
    log_prob: NDArray[np.float64]
    n_tokens: NDArray[np.float64]
    coherence: NDArray[np.float64]
    diversity: NDArray[np.float64]
    stability: float
    seconds: NDArray[np.float64]


def score_grid(
    X: Any,
    n_components: Sequence[int] | None = None,
    *,
    embeddings: Any = None,
    n_seeds: int = 3,
    estimator: TopicModel | None = None,
    held_out: float = 0.1,
    top_n: int = 10,
    random_state: RandomSource = 0,
    verbose: int = 0,
    checkpoint: str | os.PathLike[str] | None = None,
    resume: bool = False,
) -> Iterator[GridPoint]:
    """Yield the scores of each number of topics, in ascending order, as soon as they are known.

    Args and raises are those of :func:`topicgen.select_k`.

    Example:
        >>> docs = ["cats purr and cats sleep", "dogs bark and dogs run"] * 30
        >>> points = score_grid(docs, [1, 2], n_seeds=2, estimator=TopicModel(max_epochs=5))
        >>> [(point.n_components, point.log_prob.shape) for point in points]
        [(1, (2, 6)), (2, (2, 6))]
    """
    estimator = TopicModel() if estimator is None else estimator
    if not isinstance(estimator, TopicModel):
        raise InputError(
            f"expected estimator to be a TopicModel, got {quoted(estimator)}; pass one with the "
            "parameters of all models"
        )
    check_whole(n_seeds, "n_seeds")
    check_whole(top_n, "top_n", least=2)
    check_fraction(held_out, "held_out", usual=0.1)
    plan = Plan.of(checkpoint, None, resume)
    if plan is not None and not isinstance(random_state, int | np.integer):
        raise InputError(
            "random_state must be a number when a selection writes checkpoints, so that a resumed "
            f"selection makes the same split, got {shown(random_state)}; pass a number such as 0"
        )
    random = numpy_generator(random_state)
    # Layers above the topics do not change them.
    base = clone(estimator).set_params(n_components=1, upper_components=(), verbose=0)
    embeddings = base.embedder if embeddings is None else embeddings
    if callable(embeddings):
        X = readable_twice(X)
    every, vocabulary = _counts_with_words(base, X)
    with_words = np.flatnonzero(np.diff(every.indptr))
    counts, vectors = every[with_words], None
    if embeddings is not None:
        texts = partial(texts_to_embed, X, base.text_column)
        vectors = read_embeddings(embeddings, every.shape[0], texts, None)
        base.set_params(embedder=None)
    of_training, of_scored = _split(len(with_words), held_out, random)
    training, scored = counts[of_training], counts[of_scored]

    def embedded(rows: NDArray[np.int64]) -> Vectors | None:
        return None if vectors is None else vectors[with_words[rows]]

    sizes = _grid(n_components, training)
    seeds = random.integers(2**31 - 1, size=n_seeds)
    corpus = Corpus(training, vocabulary, [str(row) for row in range(training.shape[0])])
    n_models = len(sizes) * n_seeds

    def scores(size: int, seed: int) -> Cell:
        start = time.perf_counter()
        model = clone(base).set_params(n_components=size, random_state=seed)
        model.fit(corpus, embeddings=embedded(of_training))
        log_prob, n_tokens = model.document_log_likelihood(scored, embeddings=embedded(of_scored))
        words = model.top_words(top_n)
        coherence = evaluation.coherence(words, counts, vocabulary=vocabulary)
        diversity = evaluation.topic_diversity(words)
        seconds = time.perf_counter() - start
        return Cell(log_prob, n_tokens, coherence, diversity, seconds, words)

    owner = {}
    if plan is not None:
        owner = _owner(base, counts, vocabulary, held_out, top_n, random_state)
        owner["embeddings"] = None if vectors is None else digest(vectors[with_words])
        owner["word vectors"] = None if base.word_vectors is None else digest(base.word_vectors)
    with (
        kept_cells(plan, owner) as finished,
        progress_bar(total=n_models, desc="selecting", unit="model", disable=not verbose) as bar,
    ):
        for size in sizes:
            cells = []
            for seed in map(int, seeds):
                bar.set_postfix(topics=size)
                cell = finished.get(size, seed)
                if cell is None:
                    cell = scores(size, seed)
                    finished.add(size, seed, cell)
                cells.append(cell)
                bar.update()
            yield _point(size, cells)


def _point(size: int, cells: list[Cell]) -> GridPoint:
    topics = [cell.words for cell in cells]
    return GridPoint(
        n_components=size,
        log_prob=np.stack([cell.log_prob for cell in cells]),
        n_tokens=cells[0].n_tokens,
        coherence=np.array([cell.coherence for cell in cells]),
        diversity=np.array([cell.diversity for cell in cells]),
        stability=evaluation.stability(topics) if len(cells) > 1 else np.nan,
        seconds=np.array([cell.seconds for cell in cells]),
    )


def _owner(
    base: TopicModel,
    counts: csr_matrix,
    vocabulary: list[str],
    held_out: float,
    top_n: int,
    random_state: Any,
) -> dict[str, Any]:
    """Return what all cells depend on."""
    parameters = to_json(base.get_params(deep=False))
    of_models = {name: value for name, value in parameters.items() if name not in _NO_PART}
    own = {
        "topicgen": __version__,
        "documents": digest_of_counts(counts),
        "words": digest(vocabulary),
        "held_out": float(held_out),
        "top_n": int(top_n),
        "random_state": int(random_state),
    }
    owner: dict[str, Any] = json.loads(json.dumps(of_models | own))
    return owner


def _counts_with_words(model: TopicModel, X: Any) -> tuple[csr_matrix, list[str]]:
    """Return the documents as counts of the words that occur, and these words.

    The model gets the vectors of these words, where it has vectors.
    """
    data = read_to_fit(model, X, model.vectorizer, text_column=model.text_column)
    counts = check_counts(data.counts, "X", integers=True)
    words = data.vocabulary or [str(column) for column in range(counts.shape[1])]
    counts = csr_matrix(counts)
    occurring = np.flatnonzero(np.bincount(counts.indices, minlength=counts.shape[1]))
    if model.word_vectors is not None:  # an array is aligned with all words
        basis = basis_of(model.word_vectors, data.vocabulary, counts.shape[1])
        model.set_params(word_vectors=basis[occurring])
    return counts[:, occurring], [words[column] for column in occurring]


def _split(
    n_documents: int, share: float, random: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return which documents are for training, and which are held out, in ascending order."""
    n_held_out = min(round(share * n_documents), _MOST_HELD_OUT)
    if n_held_out < _FEWEST_HELD_OUT:
        raise InputError(
            f"expected {_FEWEST_HELD_OUT} held-out documents or more, got {n_held_out}, "
            f"{share:g} of {n_documents} documents with words; raise held_out or add documents"
        )
    order = random.permutation(n_documents)
    return np.sort(order[n_held_out:]), np.sort(order[:n_held_out])


def _grid(n_components: Sequence[int] | None, training: csr_matrix) -> list[int]:
    """Return the distinct numbers of topics, in ascending order."""
    n_documents, n_words = training.shape
    if n_components is None:
        most = min(n_documents // _DOCUMENTS_PER_TOPIC, n_words)
        n_components = [size for size in _USUAL if size <= most]
        if len(n_components) < 2:
            n_components = [size for size in _SMALLEST_GRID if size <= min(n_documents, n_words)]
        if len(n_components) < 2:
            raise InputError(
                f"expected enough documents for {_SMALLEST_GRID[-1]} topics, got {n_documents} to "
                f"train on, of {n_words} words; add documents, or pass n_components"
            )
    if isinstance(n_components, str) or np.ndim(n_components) != 1:
        raise InputError(
            f"expected several numbers of topics in n_components, got {quoted(n_components)}; pass "
            "a list such as [5, 10, 20]"
        )
    most = min(n_documents, n_words)
    for i, size in enumerate(n_components):
        check_whole(size, f"n_components[{i}]")
        if size > most:
            raise InputError(
                f"expected at most {most} topics for {n_documents} training documents and "
                f"{n_words} words, got {size} at n_components[{i}]; leave it out or add documents"
            )
    sizes = sorted({int(size) for size in n_components})
    if len(sizes) < 2:
        raise InputError(
            f"expected two different numbers of topics or more in n_components, got {sizes}; pass "
            "a list such as [5, 10, 20]"
        )
    return sizes
