"""The corpus: counts, with the words and what belongs to each document."""

import copy
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, MappingView, Sequence, Set
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from itertools import repeat
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import csr_matrix

from topicgen.corpus.counting.lexicon import OUTSIDE
from topicgen.corpus.counts import as_csr, stack, take_columns, take_rows
from topicgen.corpus.document import Document, check_are_documents, texts_of
from topicgen.corpus.duplicates import Duplicates
from topicgen.corpus.metadata.frames import as_metadata, choose, to_frame
from topicgen.corpus.metadata.metadata_rows import MetadataRows
from topicgen.corpus.missing import as_label
from topicgen.corpus.naming import naming
from topicgen.corpus.recipe import check_recipe
from topicgen.corpus.row_numbers import Rows, row_numbers, rows_of_rows
from topicgen.corpus.splits import check_split, no_such_split, split_of, splits_of
from topicgen.corpus.storage import CorpusWriter, StoredCorpus, Strings, new_corpus
from topicgen.corpus.unknown import unknown_share
from topicgen.corpus.wording import quantity
from topicgen.corpus.words.foreign import own
from topicgen.errors import InputError, check_kind, shown
from topicgen.files import stores
from topicgen.html import facts, fragment, table, tag
from topicgen.lazy import OnFirstUse
from topicgen.mapped import give_back
from topicgen.plain import plain, quoted
from topicgen.vocabulary import as_words

if TYPE_CHECKING:
    import pandas as pd

    from topicgen.corpus.vectorizer import Vectorizer

_CHUNK = 100_000

# What a notebook shows of a corpus: so many labels and columns, none longer than that.
_MOST_SHOWN, _LONGEST_SHOWN = 12, 60


def _vectorizer_of(recipe: dict[str, Any], vocabulary: list[str]) -> "Vectorizer":
    from topicgen.corpus.vectorizer import Vectorizer

    return Vectorizer.from_config(recipe, vocabulary)


# Compared by identity: two matrices have no single truth value to compare by.
@dataclass(frozen=True, eq=False, repr=False)
class Corpus:
    """A collection of documents as counts.

    ``corpus[rows]`` is the corpus of some of its documents, chosen as numpy chooses rows: by a
    slice, an array of numbers, or a mask. Nothing of them is read before it is asked for.

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
        metadata: what else is known of the documents, such as dates and parties: a data frame with
            a row for each, taken by position, or a mapping from names to columns; kept as a pandas
            DataFrame with the rows numbered from 0. None where nothing is.
        n_terms: how many terms each text holds, shape (n_documents,), those outside the vocabulary
            included; None where that is not known.

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
        >>> corpus.vocabulary, corpus.ids, corpus[1:].ids
        (['banks', 'raised', 'rates'], ['a', 'b'], ['b'])
    """

    counts: OnFirstUse[csr_matrix] = OnFirstUse(required=True)
    vocabulary: OnFirstUse[list[str]] = OnFirstUse(required=True)
    ids: OnFirstUse[Sequence[str]] = OnFirstUse(required=True)
    labels: OnFirstUse[Sequence[str] | None] = OnFirstUse()
    vectorizer: OnFirstUse["Vectorizer | None"] = OnFirstUse()
    found: dict[str, int] | None = None
    source: str | None = None
    metadata: OnFirstUse["pd.DataFrame | None"] = OnFirstUse()
    n_terms: np.ndarray | None = None

    # Other libraries are not to take a corpus for a sequence of its rows.
    __iter__ = None

    def __post_init__(self) -> None:
        # A frozen dataclass can be set up in no other way.
        object.__setattr__(self, "vocabulary", as_words(self.vocabulary))
        for name in ("ids", "labels"):
            values = getattr(self, name)
            if values is None and name == "ids":
                raise InputError("ids must be a list with one for each row, got None")
            object.__setattr__(self, name, None if values is None else _in_order(name, values))
        if self.labels is not None:
            labels = [as_label(label) or "" for label in self.labels]
            object.__setattr__(self, "labels", labels)
        _check_columns(self.counts, self.vocabulary)
        object.__setattr__(self, "counts", as_csr(self.counts, self.vocabulary))
        n_documents, n_words = self.counts.shape
        _check_length("words in the vocabulary", self.vocabulary, n_words, "columns")
        _check_length("ids", self.ids, n_documents, "rows")
        if self.labels is not None:
            _check_length("labels", self.labels, n_documents, "rows")
        if self.metadata is not None:
            object.__setattr__(self, "metadata", as_metadata(self.metadata, n_documents))
        if self.n_terms is not None:
            _check_length("n_terms", self.n_terms, n_documents, "rows")
        object.__setattr__(self, "_n_documents", n_documents)

    @classmethod
    def from_documents(
        cls,
        documents: Iterable[Document],
        vectorizer: "Vectorizer",
        *,
        fit: bool = True,
        source: str | None = None,
        deduplicate: "bool | Duplicates" = False,
    ) -> "Corpus":
        """Count documents, read one at a time.

        Args:
            documents: what ``read_documents`` yields.
            vectorizer: what counts the words.
            fit: whether the vectorizer learns its vocabulary from the documents; otherwise it is
                fitted already, and only its own words are counted.
            source: where they come from, in words for a reader.
            deduplicate: whether to drop the documents that repeat the text of an earlier one, white
                space at its ends aside; otherwise they are only counted, in ``found``. A new
                ``Duplicates`` then says which were kept.

        Raises:
            InputError: where the documents or the vectorizer's options cannot be used.
        """
        ids: list[str] = []
        labels: list[str | None] = []
        rows = MetadataRows()
        duplicates = deduplicate
        if not isinstance(duplicates, Duplicates):
            duplicates = Duplicates(drop=duplicates)

        def take(document: Document) -> None:
            ids.append(document.id)
            labels.append(as_label(document.label))
            rows.append(document.metadata)

        documents = check_are_documents(documents)
        if not hasattr(vectorizer, "fit_blocks"):
            raise InputError(f"vectorizer must be a Vectorizer, got {quoted(vectorizer)}; pass one")
        if fit or duplicates.drop:
            documents = duplicates.watch(documents)
        found: dict[str, int] = Counter()
        lengths: list[np.ndarray] = []
        with naming(documents) as named:
            texts = texts_of(named, take)
            if fit:
                blocks, found = vectorizer.fit_blocks(texts)
            else:
                blocks = vectorizer.transform_blocks(texts, found, lengths)
            counts = stack(blocks, len(vectorizer.vocabulary_))
        table = rows.table()
        return cls(
            counts=counts,
            vocabulary=vectorizer.get_feature_names_out().tolist(),
            ids=ids,
            labels=[label or "" for label in labels] if any(labels) else None,
            vectorizer=vectorizer,
            found=dict(found) | (duplicates.found() if fit or duplicates.drop else {}),
            source=source,
            metadata=None if table is None else to_frame(table),
            n_terms=None if fit else np.concatenate([np.zeros(0, dtype=np.int64), *lengths]),
        )

    @classmethod
    def open(
        cls,
        path: str | os.PathLike[str],
        *,
        format: str | None = None,
        split: str | None = None,
        zero_based: bool | str = "auto",
        trust_recipe: bool = False,
    ) -> "Corpus":
        """Return the corpus at a path, in any of the formats.

        A folder is data, and nothing in it is run. It is checked when it is opened; of its counts
        and metadata, every file is checked against its SHA-256 and for what it holds on first use,
        once in a process unless it changes.

        Args:
            path: the folder that ``save`` or ``topicgen corpus build`` wrote, the counts of which
                are mapped from disk, or anything that ``topicgen.corpus.formats.read_corpus``
                reads.
            format: the name of the format; by default it is recognised.
            split: "train", "val" or "test", to open these documents only; see ``splits``.
            zero_based: of SVMlight, whether the ids of words start at 0; "auto": if one of them
                is 0.
            trust_recipe: whether the code of a tokenizer that the folder names, module:function,
                may run and become part of a model; see ``TopicModel.load``.

        Raises:
            InputError: where there is no corpus, it is damaged or of a newer version, or has no
                document in the split.
        """
        # By name: the formats are built on this file.
        read_corpus: Callable[..., Corpus] = import_module("topicgen.corpus.formats").read_corpus
        corpus = read_corpus(path, format, split=split, zero_based=zero_based)
        return corpus.trusted() if trust_recipe else corpus

    def trusted(self) -> "Corpus":
        """Return the same corpus with the consent to run the code that its folder's recipe names.

        Example:
            >>> corpus = Corpus([[1, 2]], ["bank", "rate"], ["a"])
            >>> corpus.trusted().vectorizer is None
            True
        """
        return self._replaced(vectorizer=partial(_trusted, self))

    @property
    def splits(self) -> list[str] | None:
        """The split of each document, "train", "val" or "test", or None where there are none.

        It is the first part of the ids: ``train/1``, or ``20news-bydate-test/sci.space/62317`` of a
        file in a folder. A document next to them, such as ``README``, is in the split "".
        """
        return splits_of(self.ids)

    def of_split(self, split: str) -> "Corpus":
        """Return the documents of one split; see ``splits``.

        Raises:
            InputError: where no document is in it.

        Example:
            >>> corpus = Corpus([[1, 2], [0, 3]], ["bank", "rate"], ["train/1", "test/1"])
            >>> corpus.of_split("test").counts.toarray()
            array([[0, 3]])
        """
        name, splits = check_split(split), list(map(split_of, self.ids))
        rows = [row for row, other in enumerate(splits) if other == name]
        if not rows:
            where = "the corpus" if self.source is None else quoted(self.source)
            raise no_such_split(name, Counter(filter(None, splits)), where)
        return self[rows]

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
        counts = as_csr(take_columns(self.counts, columns, len(column)))
        n_terms = self.n_tokens_each if self.n_terms is None else self.n_terms
        return self._replaced(counts=counts, vocabulary=words, vectorizer=None, n_terms=n_terms)

    def __getitem__(self, index: Any) -> "Corpus":
        """Return the corpus of some documents.

        Args:
            index: a slice, row numbers, a mask, or a single number, which makes a corpus of one.

        Raises:
            InputError: where it is of another kind, or a row does not exist.
        """
        base, rows = self, row_numbers(index, len(self))
        if self.__dict__.get("_rows") is not None:
            base, chosen = self.__dict__["_rows"]
            rows = rows_of_rows(chosen, rows)
        parts: dict[str, Any] = {
            name: partial(take, base, rows)
            for name, take in _TAKE.items()
            if base.__dict__[name] is not None
        }
        parts |= {"found": None, "_rows": (base, rows), "_n_documents": len(rows)}
        if base.n_terms is not None:
            parts["n_terms"] = base.n_terms[np.asarray(rows, dtype=np.int64)]
        return _unchecked(type(self), self.__dict__ | parts)

    def keep(self, columns: str | Sequence[str]) -> "Corpus":
        """Return the same documents with only some columns of their metadata.

        Args:
            columns: the names of the columns, or "all".

        Raises:
            InputError: where there is no such column.
        """
        return self._replaced(metadata=choose(self.metadata, columns))

    def without_lengths(self) -> "Corpus":
        """Return the same documents without ``n_terms``: as if the counts had come ready."""
        return self._replaced(n_terms=None)

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
            InputError: at a count that is not whole, and where that is no writer.
        """
        check_kind("writer", writer, CorpusWriter, "a CorpusWriter, as new_corpus yields")
        for id, label in zip(self.ids, self.labels or repeat(None), strict=False):
            writer.add_name(id, label)
        for chunk in self.chunks():
            writer.add_counts(chunk)
        if self.metadata is not None:
            writer.add_metadata(self.metadata)
        recipe = None if self.vectorizer is None else self.vectorizer.to_config()
        writer.finish(self.vocabulary, recipe, self.found)

    def _replaced(self, **parts: Any) -> "Corpus":
        """Return the same documents with parts that are known to agree with the others."""
        return _unchecked(type(self), self.__dict__ | parts | {"_rows": None})

    def chunks(self) -> Iterator[csr_matrix]:
        """Yield the counts of all documents in their order, as many at a time as fit in memory."""
        for start in range(0, len(self), _CHUNK):
            yield self.counts[start : start + _CHUNK]
            give_back(self.counts.data, self.counts.indices)

    def document_frequency(self) -> np.ndarray:
        """Return how many documents each word is in, shape (n_words,)."""
        frequency = np.zeros(self.n_words, dtype=np.int64)
        for chunk in self.chunks():
            frequency += np.bincount(chunk.indices, minlength=self.n_words)
        return frequency

    @property
    def n_documents(self) -> int:
        """The number of documents, the empty ones included."""
        return int(self.__dict__["_n_documents"])

    @property
    def n_words(self) -> int:
        """The number of words in the vocabulary."""
        return len(self.vocabulary)

    @property
    def shape(self) -> tuple[int, int]:
        """The shape of the counts, (n_documents, n_words), as scikit-learn asks for it."""
        return self.n_documents, self.n_words

    @property
    def n_tokens(self) -> int:
        """The sum of all counts."""
        return int(sum(chunk.data.sum() for chunk in self.chunks()))

    @property
    def n_tokens_each(self) -> np.ndarray:
        """The sum of each document's counts, shape (n_documents,)."""
        each = [np.asarray(chunk.sum(axis=1)).ravel() for chunk in self.chunks()]
        return np.concatenate(each) if each else np.asarray(self.counts.sum(axis=1)).ravel()

    @property
    def n_unknown(self) -> float:
        """How many terms of the texts are outside the vocabulary; NaN where that is not known."""
        if self.n_terms is not None:
            return int(self.n_terms.sum()) - self.n_tokens
        n_terms = (self.found or {}).get("terms")
        return float("nan") if n_terms is None else n_terms - self.n_tokens

    @property
    def unknown_share(self) -> np.ndarray:
        """The share of each document's terms that is outside the vocabulary, shape (n_documents,).

        NaN for a document without terms. Of ready counts, all words are in the vocabulary that they
        came with; a text's stop words are no terms.
        """
        return unknown_share(self.n_tokens_each, self.n_terms)

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

    def _repr_html_(self) -> str:
        numbers = {"document": self.n_documents, "word": self.n_words, "token": self.n_tokens}
        counted = [quantity(number, noun) for noun, number in numbers.items()]
        parts = [facts("Corpus", [*counted, f"{self.n_empty:,} empty"])]
        if self.source is not None:
            parts.append(tag("p", "from ", plain(self.source, _LONGEST_SHOWN)))
        if self.labels is not None:
            common = Counter(self.labels).most_common(_MOST_SHOWN + 1)
            shown = ", ".join(
                f"{plain(name, _LONGEST_SHOWN) or 'none'} ({number:,})"
                for name, number in common[:_MOST_SHOWN]
            )
            parts.append(tag("p", "labels: ", shown, "…" if len(common) > _MOST_SHOWN else ""))
        if self.metadata is not None:
            rows = [
                [
                    plain(str(name), _LONGEST_SHOWN),
                    str(column.dtype),
                    f"{column.notna().sum():,}",
                    "" if column.empty else plain(str(column.iloc[0]), _LONGEST_SHOWN),
                ]
                for name, column in list(self.metadata.items())[:_MOST_SHOWN]
            ]
            header = ["metadata", "type", "known", "of the first document"]
            parts.append(table(header, rows, numbers=[2]))
        return fragment(*parts)


def _take_counts(corpus: Corpus, rows: Rows) -> csr_matrix:
    return take_rows(corpus.counts, rows)


def _take_ids(corpus: Corpus, rows: Rows) -> list[str]:
    return _take(corpus.ids, rows)


def _take_labels(corpus: Corpus, rows: Rows) -> list[str]:
    return _take(corpus.labels, rows)


def _take_metadata(corpus: Corpus, rows: Rows) -> "pd.DataFrame | None":
    metadata = corpus.metadata
    return None if metadata is None else metadata.iloc[np.asarray(rows)].reset_index(drop=True)


_TAKE = {
    "counts": _take_counts,
    "ids": _take_ids,
    "labels": _take_labels,
    "metadata": _take_metadata,
}


def _trusted(corpus: Corpus) -> "Vectorizer | None":
    if corpus.vectorizer is None:
        return None
    trusted = copy.copy(corpus.vectorizer)
    return trusted.set_params(
        **{name: own(value) for name, value in trusted.get_params(deep=False).items()}
    )


def _take(strings: Any, rows: Rows) -> list[str]:
    return strings.take(rows) if isinstance(strings, Strings) else [strings[row] for row in rows]


def _unchecked(kind: type[Corpus], parts: dict[str, Any]) -> Corpus:
    """Return a corpus of parts that are known to agree."""
    corpus = object.__new__(kind)
    corpus.__dict__.update(parts)
    return corpus


def open_folder(folder: str | os.PathLike[str]) -> Corpus:
    """Return the corpus of a folder that ``save`` or ``topicgen corpus build`` wrote.

    Its counts are a CSR matrix on arrays that are mapped from disk.

    Raises:
        InputError: where the folder is not a corpus, is damaged, or of a newer version.
    """
    with stores.fetching(folder) as copy:
        stored = StoredCorpus(copy)
    recipe, found = stored.description.get("recipe"), stored.description.get("found")
    vectorizer = None
    if recipe is not None:
        check_recipe(recipe)
        vectorizer = partial(_vectorizer_of, recipe, stored.vocabulary)
    parts = {
        "counts": partial(stored.counts),
        "vocabulary": stored.vocabulary,
        "ids": stored.ids,
        "labels": stored.labels,
        "vectorizer": vectorizer,
        "found": found,
        "source": os.fspath(folder),
        "metadata": partial(stored.metadata) if stored.has_metadata else None,
        "n_terms": None,
        "_n_documents": stored.shape[0],
    }
    return _unchecked(Corpus, parts)


def _check_columns(counts: Any, vocabulary: Sequence[str]) -> None:
    """Raise an error where counts are a data frame with the words as columns in another order."""
    columns = list(getattr(counts, "columns", ()))
    if columns and columns != list(vocabulary) and set(columns) == set(vocabulary):
        raise InputError(
            f"expected counts with the columns {shown(list(vocabulary))}, as in the vocabulary, "
            f"got them in the order {shown(columns)}; pass the columns as vocabulary"
        )


def _check_length(what: str, values: Any, expected: int, axis: str) -> None:
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
    try:
        return list(values)
    except TypeError:
        raise InputError(
            f"{what} must be a list with one for each row, got {shown(values)} "
            f"({type(values).__name__})"
        ) from None
