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
@click.option(
    "--ais",
    is_flag=True,
    help="Also the perplexity of annealed importance sampling: the closest as a rule, and slow.",
)
@click.option(
    "--reference",
    metavar="INPUT",
    multiple=True,
    help="Documents to take coherences from as well, in windows where they are texts. Repeatable.",
)
@json_option
def evaluate(
    model_folder: str,
    sources: tuple[str, ...],
    reading: dict[str, Any],
    ais: bool,
    reference: tuple[str, ...],
    as_json: bool,
) -> None:
    """Score MODEL on the documents of INPUT..., best on documents that it was not fitted on.

    Perplexities are of the words in the model's vocabulary, over all tokens and as averages over
    documents, each with its standard error and what the words' frequencies alone would have.
    Where the documents have labels (--label-column, or the subfolders of a folder) the topics are
    compared with them. Coherences count which words share a document of INPUT; those of a reference
    (--reference, which may be INPUT again) slide windows over its texts.
    """
    if "-" in sources and "-" in reference:
        raise InputError(
            "expected standard input once, got '-' for INPUT and for --reference; put one of them "
            "into a file"
        )
    from topicgen.cli import scores
    from topicgen.cli.inputs import read_known, read_reference
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
    methods = [method for method in scores.METHODS if ais or method != "ais"]
    predictions = model.get_perplexities(corpus, methods)
    words = model.top_words(scores.TOP_N)
    coherences = scores.coherences(words, corpus)
    if reference:
        texts = read_reference(model, reference, reading)
        coherences += scores.reference_coherences(words, texts)
    readings = [*coherences, *scores.differences(words, model.components_)]
    labels = {row: label for row, label in enumerate(corpus.labels or []) if label}
    against = []
    if labels:
        doc_topic = model.transform(corpus.counts[list(labels)])
        against = scores.clusterings(doc_topic, list(labels.values()))
    if as_json:
        print_json(
            {
                "model": model_folder,
                "input": sources[0] if len(sources) == 1 else list(sources),
                "documents": corpus.n_documents,
                "empty": corpus.n_empty,
                "labelled": len(labels),
                "tokens": corpus.n_tokens,
                "unknown_token_share": unknown,
                "perplexities": predictions.to_dict("records"),
                "scores": scores.as_record(
                    [*scores.perplexities(predictions), *readings, *against]
                ),
                "intervals": scores.as_intervals(coherences),
            }
        )
        return
    n_known = corpus.n_documents - corpus.n_empty
    click.echo(
        f"{quantity(corpus.n_documents, 'document')}, {n_known:,} with known words, "
        f"{len(labels):,} with labels; {quantity(corpus.n_tokens, 'token')} of the vocabulary, "
        f"{unknown:.1%} of all tokens outside it"
    )
    click.echo(scores.perplexity_lines(predictions))
    click.echo(f"of the topics, by the top {scores.TOP_N} words of each:")
    click.echo(scores.score_lines(readings))
    if against:
        click.echo("of the documents' topics against their labels:")
        click.echo(scores.score_lines(against))
