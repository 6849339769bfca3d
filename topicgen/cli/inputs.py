"""What INPUT names, as a corpus. Slow to import: it needs scikit-learn."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from topicgen.corpus import Corpus, Vectorizer, read_documents
from topicgen.corpus.formats import read_corpus, recognise
from topicgen.errors import InputError

if TYPE_CHECKING:
    from topicgen.topic_model import TopicModel


def read_input(sources: Sequence[str], reading: dict[str, Any], recipe: dict[str, Any]) -> Corpus:
    """Return the corpus to fit: texts, counted by a recipe, or counts that are ready.

    Raises:
        InputError: where a source cannot be read, and where options for texts are given to counts.
    """
    if (corpus := _read_counts(sources, reading | recipe)) is not None:
        return corpus
    from topicgen.cli.recipe_options import make_vectorizer

    return Corpus.from_documents(read_documents(*sources, **reading), make_vectorizer(recipe))


def read_known(
    model: "TopicModel", sources: Sequence[str], reading: dict[str, Any]
) -> tuple[Corpus, int]:
    """Return documents as counts of a fitted model's words, and how many terms there were in all.

    Raises:
        InputError: where a source cannot be read, or is texts to a model that knows no way from
            texts to its words.
    """
    if (corpus := _read_counts(sources, reading)) is not None:
        return corpus.with_vocabulary(_words_of(model)), corpus.n_tokens
    documents = read_documents(*sources, **reading)
    corpus = Corpus.from_documents(documents, _vectorizer_of(model), fit=False)
    return corpus, (corpus.found or {})["terms"]


def read_reference(
    model: "TopicModel", sources: Sequence[str], reading: dict[str, Any]
) -> Corpus | Iterator[list[str]]:
    """Return reference documents: counts as a corpus, texts as the lists of their tokens, in order.

    The tokens are those that the model's vectorizer finds, stop words left out.

    Raises:
        InputError: as ``read_known``; texts as soon as they are read.
    """
    if (corpus := _read_counts(sources, {})) is not None:
        return corpus
    analyze = _vectorizer_of(model).build_analyzer()
    return (analyze(document.text) for document in read_documents(*sources, **reading))


def read_plain(source: str, reading: dict[str, Any]) -> Corpus | list[str]:
    """Return counts as a corpus, and texts as they are, for models to count each in its own words.

    Raises:
        InputError: where the source cannot be read, and where options for texts are given to
            counts.
    """
    if (corpus := _read_counts([source], reading)) is not None:
        return corpus
    return [document.text for document in read_documents(source, **reading)]


def _read_counts(sources: Sequence[str], given: dict[str, Any]) -> Corpus | None:
    """Return counts that are ready, or None where the sources are texts.

    Options for texts that are given are refused at counts.
    """
    if (form := _form_of(sources)) is None:
        return None
    _refuse_options(given, sources[0], form)
    return read_corpus(sources[0], form)


def _form_of(sources: Sequence[str]) -> str | None:
    """Return the form of counts that a single source is in, or None where it is texts."""
    forms = [recognise(source) for source in sources]
    form = next((form for form in forms if form), None)
    if form is not None and len(sources) > 1:
        raise InputError(
            f"expected one corpus, or texts alone, got {len(sources)} inputs with the counts "
            f"{sources[forms.index(form)]!r} ({form}) among them; give one at a time"
        )
    return form


def _refuse_options(given: dict[str, Any], source: str, form: str) -> None:
    for name in given:
        raise InputError(
            f"expected texts for --{name.replace('_', '-')}, got {source!r}, which holds counts "
            f"({form}); leave it out"
        )


def _vectorizer_of(model: "TopicModel") -> Vectorizer:
    if model.vectorizer_ is None:
        raise InputError(
            "expected a model that was fitted on texts, got one that was fitted on counts; give "
            "counts of its words (see 'topicgen corpus convert --help')"
        )
    return model.vectorizer_


def _words_of(model: "TopicModel") -> list[str]:
    if model.vocabulary_ is None:
        raise InputError(
            "expected a model that knows its words, got one that was fitted on a bare matrix; "
            "load it in Python and pass counts"
        )
    return model.vocabulary_
