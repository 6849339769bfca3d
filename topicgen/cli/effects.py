"""``topicgen effects``: what the covariates of a model have to do with its topics."""

from typing import TYPE_CHECKING

import click

from topicgen.cli.messages import print_json
from topicgen.cli.options import WHOLE, json_option, top_n_option
from topicgen.errors import InputError
from topicgen.visualization.effects_table import effects_table

if TYPE_CHECKING:
    import pandas as pd

KINDS = ("log_rate", "share", "presence", "log_amount")
OF = ("attention", "amount")


@click.command(short_help="Show what covariates have to do with the topics of a model.")
@click.argument("model_folder", metavar="MODEL")
@click.option(
    "--kind",
    type=click.Choice(KINDS),
    default="log_rate",
    show_default=True,
    help="What the effects are on: the log rate of a topic's tokens, its share of a document, the "
    "probability that a document has it, or the log rate where a document has it.",
)
@click.option(
    "--of",
    "of_what",
    type=click.Choice(OF),
    default="attention",
    show_default=True,
    help="For rates: tokens per token of the document, or tokens per document.",
)
@click.option(
    "--level",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.95,
    show_default=True,
    help="Probability of each interval.",
)
@click.option(
    "--topic",
    "chosen",
    type=WHOLE,
    multiple=True,
    metavar="K",
    help="Show only this topic. Repeatable.",
)
@top_n_option("Number of top words to show per topic.", default=5)
@json_option
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV instead of text.")
def effects(
    model_folder: str,
    kind: str,
    of_what: str,
    level: float,
    chosen: tuple[int, ...],
    top_n: int,
    as_json: bool,
    as_csv: bool,
) -> None:
    """Show the effects of the covariates of MODEL, which 'topicgen fit --prevalence' fitted.

    For each term of the formula there is a table with a line per topic, the largest effect first:
    the estimate, its interval, and a star where the interval excludes 0. An effect on a log rate of
    0.7 means exp(0.7) = 2 times as many tokens, which is shown beside it; an effect on a share of
    0.05 means five percentage points. The effect of a number is per unit, that of a date per year.

    --json and --csv have one record per topic and term: topic, term, estimate, std_error, low and
    high; with log rates also ratio, ratio_low and ratio_high.
    """
    if as_json and as_csv:
        raise click.UsageError("Options --json and --csv exclude each other; choose one.")
    from topicgen.topic_model import TopicModel

    model = TopicModel.load(model_folder)
    words = model.top_words(top_n)
    _check_topics(chosen, len(words))
    found = model.effects(kind, of=of_what, level=level)
    if chosen:
        found = found[found["topic"].isin(chosen)]
    if as_json or as_csv:
        found = _with_ratios(found) if kind.startswith("log_") else found
        if as_json:
            print_json(found.to_dict("records"))
        else:
            click.echo(found.to_csv(index=False, lineterminator="\n"), nl=False)
    else:
        click.echo(effects_table(found, words, kind, level))


def _check_topics(chosen: tuple[int, ...], n_topics: int) -> None:
    for topic in chosen:
        if topic >= n_topics:
            raise InputError(
                f"--topic must be one of the {n_topics} topics, 0 to {n_topics - 1}, got {topic}; "
                "'topicgen topics' lists them"
            )


def _with_ratios(effects: "pd.DataFrame") -> "pd.DataFrame":
    """Return effects on log rates with the ratios that they mean."""
    import numpy as np

    columns = {"ratio": "estimate", "ratio_low": "low", "ratio_high": "high"}
    with np.errstate(over="ignore"):
        return effects.assign(**{new: np.exp(effects[old]) for new, old in columns.items()})
