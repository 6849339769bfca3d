"""``topicgen topics``: what the topics of a model are about."""

import csv
import math
import sys
from typing import TYPE_CHECKING, Any

import click

from topicgen.cli.messages import print_csv, print_json, show_lines, window
from topicgen.cli.options import json_option, top_n_option
from topicgen.errors import InputError
from topicgen.rows import ASCII, EIGHTHS
from topicgen.spreadsheet import DIGITS, safe_cell
from topicgen.topic_model.measure_names import MEASURES, USUAL_MEASURE
from topicgen.visualization import topic_table
from topicgen.visualization.tree_table import tree_table

if TYPE_CHECKING:
    from topicgen.topic_model import Fitted

_SHOWN = ("share", "presence", "amount")


@click.command(short_help="Show the topics of a model.")
@click.argument("model_folder", metavar="MODEL")
@top_n_option("Number of top words to show per topic.")
@click.option(
    "--given",
    metavar="COLUMN=VALUE",
    help="Show the words of the topics in one group, such as party=Con; needs 'fit --content'.",
)
@click.option(
    "--measure",
    type=click.Choice(MEASURES),
    default=USUAL_MEASURE,
    show_default=True,
    help="Rank words by their probability in the topic, or by how exclusive they are to it: "
    "relevance, score and frex balance the two, and lift favours rare words.",
)
@click.option(
    "--tree",
    is_flag=True,
    help="Show the topics as a tree, under the nodes of the upper layers; needs "
    "'fit --upper-components'.",
)
@json_option
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV instead of text.")
def topics(
    model_folder: str,
    top_n: int,
    given: str | None,
    measure: str,
    tree: bool,
    as_json: bool,
    as_csv: bool,
) -> None:
    """Show the topics of MODEL.

    The table has each topic's name, if topics have names; its share of all tokens, on a terminal
    with a bar that compares it with the largest; its presence (the share of documents with at least
    one token of it); its amount (its share of a document's tokens where it is present); and its top
    words. --json and --csv add its mean tokens per document, its dispersion, and 95% intervals of
    all but the share of all tokens.

    With --tree, each topic is below the node of the layer above that most of it comes from. The
    words of a node are those that most distinguish it from the whole collection, and its share is
    the one expected under the prior.
    """
    if as_json and as_csv:
        raise click.UsageError("Options --json and --csv exclude each other; choose one.")
    if tree and given is not None:
        raise click.UsageError("Options --tree and --given exclude each other; choose one.")
    if measure not in (USUAL_MEASURE, "probability") and (tree or given is not None):
        raise click.UsageError(
            "Option --measure cannot be used with --tree or --given; leave it out."
        )
    from topicgen.topic_model.persistence import load_fitted  # does not load torch

    fitted, _ = load_fitted(model_folder)
    found = _describe_tree(fitted, top_n) if tree else describe_topics(fitted, top_n, measure)
    if given is not None:
        _show_words_of(fitted, found, given, top_n)
    if as_json:
        print_json(found)
    elif as_csv:
        print_csv(lambda file: _write_csv(found, file))
    elif tree:
        show_lines(tree_table(found, window()))
    else:
        print_topics(found)


def describe_topics(
    fitted: "Fitted", top_n: int, measure: str = USUAL_MEASURE
) -> list[dict[str, Any]]:
    """Return one record per topic, in order of their numbers, ready for JSON."""
    from topicgen.topic_model.inspection import occurrence_columns, words_of_topics

    columns = {"share": fitted.evidence.topic_share, **occurrence_columns(fitted)}
    records = []
    of_topics = words_of_topics(fitted, range(fitted.n_topics), top_n, measure)
    for topic, words in enumerate(of_topics):
        numbers = {name: float(values[topic]) for name, values in columns.items()}
        # JSON has neither NaN, which stands for a missing value, nor infinity.
        known = {name: x if math.isfinite(x) else None for name, x in numbers.items()}
        of_words = {"words": words["word"], "probabilities": words["probability"]}
        named = {"name": fitted.name(topic)} if fitted.names else {}
        records.append({"topic": topic, **named, **known, **of_words})
    return records


def _describe_tree(fitted: "Fitted", top_n: int) -> list[dict[str, Any]]:
    """Return one record per node of each layer, from the topics up, ready for JSON.

    Raises:
        InputError: where there are no layers above the topics.
    """
    from topicgen.arrays import is_missing
    from topicgen.topic_model.inspection import topic_tree

    if not fitted.structure.n_layers:
        raise InputError(
            "--tree needs a model with layers above the topics; fit one with --upper-components, "
            "such as --upper-components 10"
        )
    records: list[dict[str, Any]] = topic_tree(fitted, top_n).to_dict("records")
    for record in records:
        record |= {name: None for name in ("parent", "weight") if is_missing(record[name])}
        if fitted.names:
            record["name"] = None if record["layer"] else fitted.name(record["topic"])
    return records


def _show_words_of(fitted: "Fitted", found: list[dict[str, Any]], given: str, top_n: int) -> None:
    """Replace the words of the topics by those in one group."""
    from topicgen.topic_model.content import group_named, topic_words_given

    group = group_named(fitted, given)
    for row in found:
        words = topic_words_given(fitted, row["topic"], top_n, group, 0.95)
        row["words"] = words["word"].tolist()
        row["probabilities"] = words["probability"].tolist()


def print_topics(found: list[dict[str, Any]]) -> None:
    """Print the topics as a table; on a terminal it fits the window and has bars."""
    shares, presences, amounts = ([row[x] for row in found] for x in _SHOWN)
    words = [row["words"] for row in found]
    names = [row["name"] for row in found] if "name" in found[0] else None
    show_lines(
        topic_table(shares, presences, amounts, words, window(), names=names, steps=_bar_steps())
    )


def _bar_steps() -> str:
    """Return the characters of bars that the terminal can show."""
    try:
        EIGHTHS.encode(getattr(sys.stdout, "encoding", None) or "ascii")
    except UnicodeEncodeError:
        return ASCII
    return EIGHTHS


def _write_csv(found: list[dict[str, Any]], file: Any) -> None:
    columns = [name for name in found[0] if name != "probabilities"]
    rows = csv.writer(file, lineterminator="\n")
    rows.writerow(columns)
    rows.writerows([_cell(row[name]) for name in columns] for row in found)


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        value = " ".join(value)
    if isinstance(value, float):
        return f"{value:.{DIGITS}g}"
    return safe_cell(value) if isinstance(value, str) else value
