"""``topicgen evaluate``: how well a model does on documents."""

from typing import Any

import click

from topicgen.cli.messages import print_json
from topicgen.cli.options import input_options, json_option, sources_argument
from topicgen.errors import InputError


@click.command(short_help="Score a model on documents.")
@click.argument("model_folder", metavar="MODEL")
@sources_argument
@input_options
@json_option
def evaluate(
    model_folder: str, sources: tuple[str, ...], reading: dict[str, Any], as_json: bool
) -> None:
    """Score MODEL on the documents of INPUT..., best on documents that it was not fitted on.

    Perplexities are of the words in the model's vocabulary, over all tokens if not said otherwise.
    Where the documents have labels (--label-column, or the subfolders of a folder) the largest
    topic of each document is compared with them.
    """
    from topicgen.cli import scores
    from topicgen.cli.inputs import read_known
    from topicgen.corpus.wording import quantity
    from topicgen.topic_model import TopicModel

    model = TopicModel.load(model_folder)
    corpus, n_terms = read_known(model, sources, reading)
    if corpus.n_tokens == 0:
        named = ", ".join(map(repr, sources))
        raise InputError(
            f"expected documents with words of the model's vocabulary, got none in {named}; "
            "give texts like those that the model was fitted on"
        )
    unknown = 1 - corpus.n_tokens / n_terms
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
                "input": sources[0] if len(sources) == 1 else list(sources),
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
