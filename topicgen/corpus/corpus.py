"""The corpus: counts, with the words, the ids and the labels that belong to them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix

from topicgen.corpus.counts import check_counts
from topicgen.corpus.document import Document
from topicgen.corpus.vectorizer import Vectorizer
from topicgen.errors import InputError


# Compared by identity: two matrices have no single truth value to compare by.
@dataclass(frozen=True, eq=False, repr=False)
class Corpus:
    """A collection of documents as counts.

    Args:
        counts: shape (n_documents, n_words), sparse or dense; kept as CSR with sorted indices.
        vocabulary: the word of each column.
        ids: the id of each row.
        labels: the label of each row, "" for a row without one, or None where there are none.
        vectorizer: the fitted vectorizer that made the counts, or None where they came ready.

    Raises:
        InputError: where the lengths do not agree, a word comes twice, or a count is NaN, infinite
            or negative.

    Example:
        >>> documents = [Document("Banks raised rates.", id="a"), Document("...", id="b")]
        >>> corpus = Corpus.from_documents(documents, Vectorizer())
        >>> corpus
        Corpus(2 documents, 3 words, 3 tokens, 1 empty)
        >>> corpus.vocabulary, corpus.ids
        (['banks', 'raised', 'rates'], ['a', 'b'])
    """

    counts: csr_matrix
    vocabulary: list[str]
    ids: list[str]
    labels: list[str] | None = None
    vectorizer: Vectorizer | None = None

    def __post_init__(self) -> None:
        # A frozen dataclass can be set up in no other way.
        for name in ("vocabulary", "ids", "labels"):
            values = getattr(self, name)
            object.__setattr__(self, name, None if values is None else list(values))
        object.__setattr__(self, "counts", check_counts(self.counts, self.vocabulary))
        n_documents, n_words = self.counts.shape
        _check_length("words in the vocabulary", self.vocabulary, n_words, "columns")
        _check_length("ids", self.ids, n_documents, "rows")
        if self.labels is not None:
            _check_length("labels", self.labels, n_documents, "rows")
        _check_distinct(self.vocabulary)

    @classmethod
    def from_documents(
        cls, documents: Iterable[Document], vectorizer: Vectorizer, *, fit: bool = True
    ) -> "Corpus":
        """Count documents, read one at a time.

        Args:
            documents: what ``read_documents`` yields.
            vectorizer: what counts the words.
            fit: whether the vectorizer learns its vocabulary from the documents; otherwise it is
                fitted already, and only its own words are counted.

        Raises:
            InputError: where the documents or the vectorizer's options cannot be used.
        """
        ids: list[str] = []
        labels: list[str | None] = []

        def texts() -> Iterator[str]:
            for document in documents:
                if not isinstance(document, Document):
                    raise InputError(
                        f"expected topicgen.corpus.Document, got {type(document).__name__} at "
                        f"index {len(ids)}; wrap each text: Document(text, id)"
                    )
                ids.append(document.id)
                labels.append(document.label)
                yield document.text

        counts = vectorizer.fit_transform(texts()) if fit else vectorizer.transform(texts())
        return cls(
            counts=counts,
            vocabulary=vectorizer.get_feature_names_out().tolist(),
            ids=ids,
            labels=[label or "" for label in labels] if any(labels) else None,
            vectorizer=vectorizer,
        )

    @property
    def n_documents(self) -> int:
        """The number of documents, the empty ones included."""
        return int(self.counts.shape[0])

    @property
    def n_words(self) -> int:
        """The number of words in the vocabulary."""
        return int(self.counts.shape[1])

    @property
    def n_tokens(self) -> int:
        """The sum of all counts."""
        return int(self.counts.sum())

    @property
    def n_empty(self) -> int:
        """The number of documents in which no word of the vocabulary stands."""
        return int(np.count_nonzero(np.diff(self.counts.indptr) == 0))

    def __len__(self) -> int:
        return self.n_documents

    def __repr__(self) -> str:
        return (
            f"Corpus({self.n_documents:,} documents, {self.n_words:,} words, {self.n_tokens:,} "
            f"tokens, {self.n_empty:,} empty)"
        )


def _check_length(what: str, values: Sequence[str], expected: int, axis: str) -> None:
    if len(values) != expected:
        raise InputError(
            f"expected {expected} {what}, one for each of the counts' {axis}, got {len(values)}; "
            "pass those that the counts were made with"
        )


def _check_distinct(vocabulary: list[str]) -> None:
    columns: dict[str, int] = {}
    for column, word in enumerate(vocabulary):
        if columns.setdefault(word, column) != column:
            raise InputError(
                f"expected a vocabulary of distinct words, got {word!r} for the columns "
                f"{columns[word]} and {column}; add their counts up"
            )
