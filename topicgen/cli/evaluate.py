"""``topicgen evaluate``: how well a model does on documents."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import click

from topicgen.cli.messages import print_json
from topicgen.cli.options import column_options, json_option
from topicgen.errors import InputError

if TYPE_CHECKING:
    from topicgen.corpus import Document, Vectorizer


@click.command(short_help="Score a model on documents.")
@click.argument("model_folder", metavar="MODEL")
@click.argument("source", metavar="INPUT")
@column_options
@json_option
def evaluate(model_folder: str, source: str, columns: dict[str, str], as_json: bool) -> None:
    """Score MODEL on the documents of INPUT, best on documents that it was not fitted on.

    Perplexities are of the words in the model's vocabulary, over all tokens if not said otherwise.
    Where the documents have labels (--label-column, or the subfolders of a folder) the largest
    topic of each document is compared with them.
    """
    from topicgen.cli import scores
    from topicgen.cli.inputs import text_vectorizer
    from topicgen.corpus import Corpus, read_documents
    from topicgen.corpus.wording import quantity
    from topicgen.topic_model import TopicModel

    model = TopicModel.load(model_folder)
    vectorizer = text_vectorizer(model)
    tally = _Tally(vectorizer)
    documents = tally.watch(read_documents(source, **columns))
    corpus = Corpus.from_documents(documents, vectorizer, fit=False)
    if corpus.n_tokens == 0:
        raise InputError(
            f"expected documents with words of the model's vocabulary, got none in {source!r}; "
            "give texts like those that the model was fitted on"
        )
    unknown = 1 - corpus.n_tokens / tally.n_terms
    words = model.top_words(scores.TOP_N)
    found = [
        *scores.perplexities(model, corpus.counts),
        *scores.coherences(words, corpus),
        scores.diversity(words),
    ]
    n_labelled = 0
    if corpus.labels is not None:
        rows = [row for row, label in enumerate(corpus.labels) if label]
        n_labelled = len(rows)
        labels = [corpus.labels[row] for row in rows]
        found += scores.clusterings(model.transform(corpus.counts[rows]), labels)

    if as_json:
        print_json(
            {
                "model": model_folder,
                "input": source,
                "documents": corpus.n_documents,
                "empty": corpus.n_empty,
                "labelled": n_labelled,
                "tokens": corpus.n_tokens,
                "unknown_token_share": unknown,
                "scores": scores.as_record(found),
            }
        )
        return
    n_known = corpus.n_documents - corpus.n_empty
    click.echo(
        f"{quantity(corpus.n_documents, 'document')}, {n_known:,} with known words, "
        f"{n_labelled:,} with labels; {quantity(corpus.n_tokens, 'token')} of the vocabulary, "
        f"{unknown:.1%} of all tokens outside it"
    )
    click.echo(scores.score_lines(found))


class _Tally:
    """Counts the terms of documents, known to the vocabulary or not, as they pass by."""

    def __init__(self, vectorizer: "Vectorizer") -> None:
        self.analyze = vectorizer.build_analyzer()
        self.n_terms = 0

    def watch(self, documents: "Iterable[Document]") -> "Iterator[Document]":
        for document in documents:
            self.n_terms += len(self.analyze(document.text))
            yield document
