"""``topicgen evaluate``: how well a model fits documents."""

from typing import Any

import click

from topicgen.cli.embedding_files import embeddings_of_input, embeddings_option
from topicgen.cli.input_rows import InputRows
from topicgen.cli.messages import print_json, show_lines, show_text, window
from topicgen.cli.options import allow_code_option, input_options, json_option, sources_argument
from topicgen.cli.sections import SectionedCommand, section
from topicgen.errors import InputError
from topicgen.plain import quoted


@click.command(
    cls=SectionedCommand,
    short_help="Score a model on documents.",
    examples=("topicgen evaluate news-model new.csv --label-column subject --reference new.csv",),
)
@click.argument("model_folder", metavar="MODEL")
@sources_argument
@section("Input", input_options, embeddings_option, allow_code_option)
@section(
    "Scores",
    click.option(
        "--ais",
        is_flag=True,
        help="Add the perplexity by annealed importance sampling: usually the most accurate, but "
        "slow.",
    ),
    click.option(
        "--reference",
        metavar="INPUT",
        multiple=True,
        help="Compute coherences on these documents too: in sliding windows if they are texts, "
        "else in whole documents. Repeatable.",
    ),
)
@section("Output", json_option)
def evaluate(
    model_folder: str,
    sources: tuple[str, ...],
    reading: dict[str, Any],
    embeddings: str | None,
    allow_code: bool,
    ais: bool,
    reference: tuple[str, ...],
    as_json: bool,
) -> None:
    """Score MODEL on the documents in INPUT..., preferably ones that it was not fitted to.

    Perplexities count only words in the model's vocabulary. They are given over all tokens, with a
    95% interval over documents, and as an average over documents, each next to the perplexity of a
    unigram model, which knows only how frequent the words are. If the documents have labels (from
    --label-column, or from the subfolders of a folder), the topics are compared with them.
    Coherences count how often words occur in the same document of INPUT; with --reference (which
    may name INPUT again) they are also computed in sliding windows over those texts. Their 95%
    intervals cover what other texts, as many and from the same source, would give.
    """
    if "-" in sources and "-" in reference:
        raise InputError(
            "standard input can be read only once, but both INPUT and --reference are '-'; put one "
            "of them in a file"
        )
    from topicgen.cli import scores
    from topicgen.cli.inputs import read_known, read_reference
    from topicgen.corpus.wording import quantity
    from topicgen.topic_model import TopicModel

    model = TopicModel.load(model_folder, trust_recipe=allow_code)
    rows = InputRows()
    corpus, n_terms = read_known(model, sources, reading, rows=rows)
    vectors = embeddings_of_input([model], embeddings, rows)
    if corpus.n_tokens == 0:
        rest = f" and {len(sources) - 1} more" if len(sources) > 1 else ""
        raise InputError(
            f"no document in {quoted(sources[0])}{rest} has a word of the model's vocabulary; pass "
            "texts like those that the model was fitted to"
        )
    unknown = 1 - corpus.n_tokens / n_terms
    left_out = set() if ais else {"ais"}
    if model.fitted_.structure.likelihood != "negative_binomial":
        left_out.add("document_completion_in_sequence")  # without bursts it is no other score
    methods = [method for method in scores.METHODS if method not in left_out]
    predictions = model.get_perplexities(corpus, methods, embeddings=vectors)
    words = model.top_words(scores.TOP_N)
    coherences = scores.coherences(words, corpus)
    if reference:
        texts = read_reference(model, reference, reading)
        coherences += scores.reference_coherences(words, texts)
    readings = [*coherences, *scores.differences(words, model.components_)]
    labels = {row: label for row, label in enumerate(corpus.labels or []) if label}
    clusterings = []
    if labels:
        of_labelled = None if vectors is None else vectors[list(labels)]
        doc_topic = model.transform(corpus[list(labels)], embeddings=of_labelled)
        clusterings = scores.clusterings(doc_topic, list(labels.values()))
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
                    [*scores.perplexities(predictions), *readings, *clusterings]
                ),
                "intervals": scores.as_intervals(coherences),
            }
        )
        return
    n_known = corpus.n_documents - corpus.n_empty
    show_text(
        f"{quantity(corpus.n_documents, 'document')}, {n_known:,} with known words, "
        f"{len(labels):,} with labels; {quantity(corpus.n_tokens, 'token')} in the vocabulary, "
        f"{unknown:.1%} of all tokens outside it"
    )
    show_lines(scores.perplexity_lines(predictions, window()))
    show_text(f"topics, by the top {scores.TOP_N} words of each:")
    show_lines(scores.score_lines(readings, window()))
    if clusterings:
        show_text("topics of the documents against their labels:")
        show_lines(scores.score_lines(clusterings, window()))
