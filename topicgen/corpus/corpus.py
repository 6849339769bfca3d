"""The corpus: counts, with the words, the ids and the labels that belong to them."""

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, MappingView, Sequence, Set
from dataclasses import dataclass, fields, replace
from functools import partial
from itertools import repeat
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import csr_matrix

from topicgen.corpus.counting.lexicon import OUTSIDE
from topicgen.corpus.counts import check_counts, stack, take_columns
from topicgen.corpus.document import Document, texts_of
from topicgen.corpus.missing import as_label
from topicgen.corpus.storage import CorpusWriter, StoredCorpus, new_corpus
from topicgen.errors import InputError
from topicgen.vocabulary import as_words

if TYPE_CHECKING:
    from topicgen.corpus.vectorizer import Vectorizer

_CHUNK = 100_000


class _OnFirstUse:
    """A vectorizer that is made on first use: most uses of a stored corpus do not need it."""

    def __get__(self, corpus: Any, owner: type) -> "Vectorizer | None":
        if corpus is None:
            return None  # the default of the field
        value = corpus.__dict__["_vectorizer"]
        if isinstance(value, partial):
            value = corpus.__dict__["_vectorizer"] = value()
        return value

    def __set__(self, corpus: Any, value: "Vectorizer | partial[Vectorizer] | None") -> None:
        corpus.__dict__["_vectorizer"] = value


def _vectorizer_of(recipe: dict[str, Any], vocabulary: list[str]) -> "Vectorizer":
    from topicgen.corpus.vectorizer import Vectorizer

    return Vectorizer.from_config(recipe, vocabulary)


# Compared by identity: two matrices have no single truth value to compare by.
@dataclass(frozen=True, eq=False, repr=False)
class Corpus:
    """A collection of documents as counts.

    Args:
        counts: shape (n_documents, n_words), sparse or dense; kept as CSR with sorted indices.
        vocabulary: the word of each column, in any form that ``as_words`` reads; kept as a list.
        ids: the id of each row.
        labels: the label of each row, or None where there are none; kept as strings, "" for a row
            without one, such as None or NaN.
        vectorizer: the fitted vectorizer that made the counts, or None where they came ready.
        found: how many "tokens" the texts hold, and "terms" when stop words are dropped, and what
            was left out of the vocabulary; None where the counts came ready.
        source: where the documents come from, in words for a reader.

    A corpus of ``open`` is mapped from its folder: what is asked for is read, and the ids and
    labels are sequences that read theirs.

    Raises:
        InputError: where the lengths do not agree, a word comes twice, or a count is NaN, infinite
            or negative.

    Example:
        >>> from topicgen.corpus import Vectorizer
        >>> documents = [Document("Banks raised rates.", id="a"), Document("...", id="b")]
        >>> corpus = Corpus.from_documents(documents, Vectorizer())
        >>> corpus
        Corpus(2 documents, 3 words, 3 tokens, 1 empty)
        >>> corpus.vocabulary, corpus.ids
        (['banks', 'raised', 'rates'], ['a', 'b'])
    """

    counts: csr_matrix
    vocabulary: list[str]
    ids: Sequence[str]
    labels: Sequence[str] | None = None
    vectorizer: _OnFirstUse = _OnFirstUse()
    found: dict[str, int] | None = None
    source: str | None = None

    def __post_init__(self) -> None:
        # A frozen dataclass can be set up in no other way.
        object.__setattr__(self, "vocabulary", as_words(self.vocabulary))
        for name in ("ids", "labels"):
            values = getattr(self, name)
            object.__setattr__(self, name, None if values is None else _in_order(name, values))
        if self.labels is not None:
            labels = [as_label(label) or "" for label in self.labels]
            object.__setattr__(self, "labels", labels)
        object.__setattr__(self, "counts", check_counts(self.counts, self.vocabulary))
        n_documents, n_words = self.counts.shape
        _check_length("words in the vocabulary", self.vocabulary, n_words, "columns")
        _check_length("ids", self.ids, n_documents, "rows")
        if self.labels is not None:
            _check_length("labels", self.labels, n_documents, "rows")

    @classmethod
    def from_documents(
        cls,
        documents: Iterable[Document],
        vectorizer: "Vectorizer",
        *,
        fit: bool = True,
        source: str | None = None,
    ) -> "Corpus":
        """Count documents, read one at a time.

        Args:
            documents: what ``read_documents`` yields.
            vectorizer: what counts the words.
            fit: whether the vectorizer learns its vocabulary from the documents; otherwise it is
                fitted already, and only its own words are counted.
            source: where they come from, in words for a reader.

        Raises:
            InputError: where the documents or the vectorizer's options cannot be used.
        """
        ids: list[str] = []
        labels: list[str | None] = []

        def take_name(id: str, label: str | None) -> None:
            ids.append(id)
            labels.append(label)

        texts = texts_of(documents, take_name)
        found: dict[str, int] = Counter()
        if fit:
            blocks, found = vectorizer.fit_blocks(texts)
        else:
            blocks = vectorizer.transform_blocks(texts, found)
        counts = stack(blocks, len(vectorizer.vocabulary_))
        return cls(
            counts=counts,
            vocabulary=vectorizer.get_feature_names_out().tolist(),
            ids=ids,
            labels=[label or "" for label in labels] if any(labels) else None,
            vectorizer=vectorizer,
            found=dict(found),
            source=source,
        )

    @classmethod
    def open(cls, folder: str | os.PathLike[str]) -> "Corpus":
        """Return the corpus of a folder that ``save`` or ``topicgen corpus build`` wrote.

        Its counts are a CSR matrix on arrays that are mapped from disk.

        Raises:
            InputError: where the folder is not a corpus, is damaged, or of a newer version.
        """
        stored = StoredCorpus(folder)
        recipe, found = stored.description.get("recipe"), stored.description.get("found")
        vectorizer = None
        if recipe is not None:
            vectorizer = partial(_vectorizer_of, recipe, stored.vocabulary)
        corpus = object.__new__(cls)
        # Checked when they were written; to check them again would read the whole folder.
        parts = (
            stored.counts,
            stored.vocabulary,
            stored.ids,
            stored.labels,
            vectorizer,
            found,
            os.fspath(folder),
        )
        for field, part in zip(fields(cls), parts, strict=True):
            object.__setattr__(corpus, field.name, part)
        return corpus

    def with_vocabulary(self, vocabulary: Sequence[str] | Mapping[str, int]) -> "Corpus":
        """Return the same documents as counts of these words; others are left out.

        Args:
            vocabulary: the word of each new column, in any form that ``as_words`` reads.

        Raises:
            InputError: where a word comes twice, or the words have no order.

        Example:
            >>> corpus = Corpus([[1, 2]], ["bank", "rate"], ["a"])
            >>> corpus.with_vocabulary(["rate", "rose"]).counts.toarray()
            array([[2, 0]])
        """
        words = as_words(vocabulary)
        if words == self.vocabulary:
            return self
        column = {word: number for number, word in enumerate(words)}
        columns = np.array([column.get(word, OUTSIDE) for word in self.vocabulary], dtype=np.int64)
        counts = take_columns(self.counts, columns, len(column))
        return replace(self, counts=counts, vocabulary=words, vectorizer=None)

    def save(self, folder: str | os.PathLike[str], *, overwrite: bool = False) -> None:
        """Write the corpus to a folder, whole or not at all.

        Raises:
            InputError: where the folder exists and is not to be overwritten or cannot be written,
                and at a count that is not whole.
        """
        with new_corpus(folder, overwrite=overwrite) as writer:
            self.write_to(writer)

    def write_to(self, writer: CorpusWriter) -> None:
        """Write all of the corpus to a new one.

        Raises:
            InputError: at a count that is not whole.
        """
        for id, label in zip(self.ids, self.labels or repeat(None), strict=False):
            writer.add_name(id, label)
        for chunk in self.chunks():
            writer.add_counts(chunk)
        recipe = None if self.vectorizer is None else self.vectorizer.to_config()
        writer.finish(self.vocabulary, recipe, self.found)

    def chunks(self) -> Iterator[csr_matrix]:
        """Yield the counts of all documents in their order, as many at a time as fit in memory."""
        for start in range(0, len(self), _CHUNK):
            yield self.counts[start : start + _CHUNK]

    def document_frequency(self) -> np.ndarray:
        """Return how many documents each word is in, shape (n_words,)."""
        frequency = np.zeros(self.n_words, dtype=np.int64)
        for chunk in self.chunks():
            frequency += np.bincount(chunk.indices, minlength=self.n_words)
        return frequency

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
        return int(self.counts.data.sum())

    @property
    def n_empty(self) -> int:
        """The number of documents without a word of the vocabulary."""
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
            f"expected {expected} {what}, one for each of the {axis} of the counts, got "
            f"{len(values)}; pass those that the counts were made with"
        )


def _in_order(what: str, values: Iterable[str]) -> list[str]:
    if isinstance(values, (str, Set, Mapping, MappingView)):
        raise InputError(
            f"expected {what} in the order of the rows, got a {type(values).__name__}; pass a list"
        )
    return list(values)
