"""Reading INPUT as a corpus. Slow to import: it needs scikit-learn."""

import warnings
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from topicgen.cli.input_rows import InputRows
from topicgen.cli.messages import say
from topicgen.corpus import Corpus, Document, Vectorizer, read_documents
from topicgen.corpus.duplicates import Duplicates
from topicgen.corpus.formats import read_corpus, recognise
from topicgen.corpus.reading.any_table import TABLE_SUFFIXES
from topicgen.corpus.reading.streams import format_suffix
from topicgen.corpus.splits import (
    check_split,
    count_splits,
    documents_of_split,
    split_of,
    split_sizes,
)
from topicgen.corpus.wording import quantity
from topicgen.errors import InputError
from topicgen.plain import quoted

if TYPE_CHECKING:
    from topicgen.topic_model import TopicModel

# Options that apply to counts.
_COUNTS_OPTIONS = ("split", "zero_based")


def read_input(
    sources: Sequence[str],
    reading: dict[str, Any],
    recipe: dict[str, Any],
    *,
    keep: str | Sequence[str] | None = None,
    deduplicate: bool = False,
    vectorizer: Vectorizer | None = None,
    trust_recipe: bool = False,
    rows: InputRows | None = None,
) -> Corpus:
    """Return the corpus to fit: texts, counted by the recipe, or counts that come ready-made.

    Args:
        sources: of texts, or of counts.
        reading: options of ``read_documents``.
        recipe: options of ``Vectorizer``.
        keep: the columns to keep as metadata; by default none of texts, and all of counts.
        deduplicate: whether to drop the documents that repeat an earlier one.
        vectorizer: what to change by the recipe; None for the default one.
        trust_recipe: whether the code that the recipe of a corpus names may become part of a model.
        rows: notes which documents of INPUT the corpus has, or None.

    Raises:
        InputError: where a source cannot be read, or options for texts are given with counts.
    """
    only_texts = {"deduplicate": True} if deduplicate else {}
    corpus = _read_counts(sources, reading | recipe | only_texts, rows)
    if corpus is not None:
        corpus = corpus.trusted() if trust_recipe else corpus
        return corpus if keep is None else corpus.keep(keep)
    from topicgen.cli.recipe_options import make_vectorizer

    documents = _read_texts(sources, reading | {"keep": keep}, rows)
    duplicates = Duplicates(drop=deduplicate)
    if rows is not None and deduplicate:
        rows.choose(duplicates.kept)
    corpus = Corpus.from_documents(
        documents,
        make_vectorizer(recipe, vectorizer),
        source=", ".join(sources),
        deduplicate=duplicates,
    )
    say_splits(corpus.ids)
    return corpus


def read_known(
    model: "TopicModel",
    sources: Sequence[str],
    reading: dict[str, Any],
    keep: str | Sequence[str] | None = None,
    *,
    watch: Callable[[Iterable[Document]], Iterable[Document]] | None = None,
    rows: InputRows | None = None,
) -> tuple[Corpus, int]:
    """Return documents as counts of a fitted model's words, and the number of terms read.

    The metadata of the corpus are the columns in ``keep``, and others where the model may use them.
    Texts pass through ``watch``, one at a time, before they are counted. ``rows`` notes which
    documents of INPUT the corpus has.

    Raises:
        InputError: where a source cannot be read, or holds texts although the model was fitted to
            counts.
    """
    covariates = _covariates_of(model)
    if (corpus := _read_counts(sources, reading, rows)) is not None:
        if keep is not None:
            chosen = corpus.keep(keep)  # checks the names
            corpus = corpus if covariates else chosen
        _say_missing(covariates, corpus)
        return corpus.with_vocabulary(_words_of(model)), corpus.n_tokens
    if covariates:
        keep = _all_columns(sources, reading, keep, covariates)
    documents: Iterable[Document] = _read_texts(sources, reading | {"keep": keep}, rows)
    if watch is not None:
        documents = watch(documents)
    corpus = Corpus.from_documents(documents, _vectorizer_of(model), fit=False)
    say_splits(corpus.ids)
    _say_missing(covariates, corpus)
    return corpus, (corpus.found or {})["terms"]


def read_reference(
    model: "TopicModel", sources: Sequence[str], reading: dict[str, Any]
) -> Corpus | Iterator[list[str]]:
    """Return reference documents: counts as a corpus, texts as lists of their tokens, in order.

    The tokens are those of the model's vectorizer, without stop words.

    Raises:
        InputError: as in ``read_known``; for texts, only when they are iterated over.
    """
    # All documents of a reference are read.
    reading = {name: value for name, value in reading.items() if name not in _COUNTS_OPTIONS}
    if (corpus := _read_counts(sources, {})) is not None:
        return corpus
    analyze = _vectorizer_of(model).build_analyzer()
    return (analyze(document.text) for document in read_documents(*sources, **reading))


def read_plain(
    source: str, reading: dict[str, Any], rows: InputRows | None = None
) -> Corpus | list[str]:
    """Return counts as a corpus, and texts as they are, so that each model counts its own words.

    ``rows`` notes which documents of INPUT these are.

    Raises:
        InputError: where the source cannot be read, or options for texts are given with counts.
    """
    if (corpus := _read_counts([source], reading, rows)) is not None:
        return corpus
    documents = list(_read_texts([source], reading, rows))
    say_splits(document.id for document in documents)
    return [document.text for document in documents]


def warn_of_empty(corpus: Corpus, instead: str) -> None:
    """Warn of documents without a word that the model knows.

    Args:
        corpus: the documents.
        instead: what becomes of them.
    """
    if corpus.n_empty:
        warnings.warn(
            f"found no word of the model's vocabulary in {corpus.n_empty:,} of "
            f"{quantity(corpus.n_documents, 'document')}; {instead}",
            UserWarning,
            stacklevel=3,
        )


def say_splits(ids: Iterable[str]) -> None:
    """Say so if documents of several splits are used together."""
    sizes = count_splits(ids)
    if len(sizes) > 1:
        say(
            f"using the documents of all splits: {split_sizes(sizes)}; pass --split "
            f"{next(iter(sizes))} to use only those"
        )


def _covariates_of(model: "TopicModel") -> list[str]:
    """Return the columns that a model expects to know of a document."""
    prevalence = model.fitted_.prevalence
    return [] if prevalence is None else list(prevalence.design.typical())


def _all_columns(
    sources: Sequence[str],
    reading: dict[str, Any],
    keep: str | Sequence[str] | None,
    covariates: Sequence[str],
) -> str | Sequence[str] | None:
    """Return what to keep of texts so that all their columns are known, the ids if needed."""
    if "metadata" in reading:
        return None  # all of the table of metadata
    if all(format_suffix(source) in TABLE_SUFFIXES for source in sources):
        return ("all", *covariates)
    return keep


def _say_missing(covariates: Sequence[str], corpus: Corpus) -> None:
    """Say so if documents are taken as average ones because a covariate is not known."""
    known = [] if corpus.metadata is None else list(corpus.metadata.columns)
    if missing := [name for name in covariates if name not in known]:
        say(
            f"the documents have no {', '.join(map(repr, missing))}, which the formula of the "
            "model uses: each is taken as an average document; pass a table with these columns"
        )


def _read_texts(
    sources: Sequence[str], reading: dict[str, Any], rows: InputRows | None
) -> Iterable[Document]:
    """Return texts; ``rows`` notes which they are, where a split leaves some out."""
    if rows is None:
        return read_documents(*sources, **reading)
    split = reading.get("split")
    every = rows.counted(read_documents(*sources, **reading | {"split": None}))
    if split is None:
        return every
    return rows.noted(documents_of_split(every, split, ", ".join(map(quoted, sources))))


def _read_counts(
    sources: Sequence[str], options: dict[str, Any], rows: InputRows | None = None
) -> Corpus | None:
    """Return ready-made counts, or None where the sources are texts.

    Counts are refused together with options that apply only to texts, and the other way around.
    """
    if (kind := _format_of_counts(sources)) is None:
        if "zero_based" in options:
            raise InputError(
                f"--zero-based applies only to counts (svmlight format), but {quoted(sources[0])} "
                "holds texts; leave the option out"
            )
        return None
    of_counts = {name: options[name] for name in _COUNTS_OPTIONS if name in options}
    _refuse_options(options.keys() - of_counts.keys(), sources[0], kind)
    split = of_counts.pop("split", None)
    name = None if split is None else check_split(split)
    corpus = read_corpus(sources[0], kind, **of_counts)
    if rows is not None:
        rows.n_read = corpus.n_documents
    if name is not None:
        if rows is not None:
            numbers = (row for row, id in enumerate(corpus.ids) if split_of(id) == name)
            rows.choose(array("q", numbers))
        corpus = corpus.of_split(name)
    say_splits(corpus.ids)
    return corpus


def _format_of_counts(sources: Sequence[str]) -> str | None:
    """Return the format of a source of counts, or None where the sources are texts."""
    kinds = [recognise(source) for source in sources]
    kind = next((kind for kind in kinds if kind), None)
    if kind is not None and len(sources) > 1:
        raise InputError(
            f"a corpus of counts must be the only INPUT, got {quoted(sources[kinds.index(kind)])} "
            f"({kind} format) among {len(sources)} inputs; pass it alone, or pass only texts"
        )
    return kind


def _refuse_options(text_options: Iterable[str], source: str, kind: str) -> None:
    for name in sorted(text_options):
        option = "no-header" if name == "header" else name.replace("_", "-")
        raise InputError(
            f"--{option} applies only to texts, but {quoted(source)} holds counts "
            f"({kind} format); leave the option out"
        )


def _vectorizer_of(model: "TopicModel") -> Vectorizer:
    if model.vectorizer_ is None:
        raise InputError(
            "this model was fitted to counts and cannot read texts; pass counts of its words (see "
            "'topicgen corpus convert --help')"
        )
    return model.vectorizer_


def _words_of(model: "TopicModel") -> list[str]:
    if model.vocabulary_ is None:
        raise InputError(
            "this model was fitted to a matrix without words, so the words of INPUT cannot be "
            "matched to its columns; load the model in Python and pass it a matrix"
        )
    return model.vocabulary_
