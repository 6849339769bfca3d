"""``topicgen effects``: the effects of covariates on the topics of a model."""

import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from topicgen.cli.messages import print_csv, print_json, show_lines, window
from topicgen.cli.options import Topic, json_option, top_n_option
from topicgen.errors import InputError
from topicgen.spreadsheet import DIGITS, write_frame
from topicgen.visualization.effects_table import effects_table
from topicgen.visualization.predictions_table import predictions_table

if TYPE_CHECKING:
    import pandas as pd

    from topicgen.topic_model import TopicModel

# Values of a number or date: in a table, and in CSV or JSON, from which curves are drawn.
_N_SHOWN, _N_RECORDS = 5, 50

_ESTIMATES = ("estimate", "std_error", "low", "high", "ratio", "ratio_low", "ratio_high")
KINDS = ("log_rate", "share", "presence", "log_amount")
OF = ("attention", "amount")


@click.command(short_help="Show the effects of covariates on the topics of a model.")
@click.argument("model_folder", metavar="MODEL")
@click.option(
    "--kind",
    type=click.Choice(KINDS),
    help="What the effects are on: the log rate of a topic's tokens, its share of a document, the "
    "probability that a document has it, or the log rate among documents that have it. [default: "
    "log_rate; share with --over]",
)
@click.option(
    "--of",
    "of_what",
    type=click.Choice(OF),
    default="attention",
    show_default=True,
    help="For rates: tokens of the topic per token of the document, or per document.",
)
@click.option(
    "--level",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.95,
    show_default=True,
    help="Probability of each interval.",
)
@click.option(
    "--over",
    metavar="VARIABLE",
    help="Show the expected share (or other --kind) of each topic at several values of this "
    "variable of the formula, with the others at their means or most frequent levels.",
)
@click.option(
    "--average",
    is_flag=True,
    help="With --over: the mean over the documents with their own values of the other variables, "
    "instead of at the most frequent ones. For --kind share and presence.",
)
@click.option(
    "--simultaneous",
    is_flag=True,
    help="With --over: intervals that hold at all values at once, as a band around a curve.",
)
@click.option(
    "--topic",
    "chosen",
    type=Topic(),
    multiple=True,
    metavar="TOPIC",
    help="Show only this topic, a number or a name. Repeatable.",
)
@top_n_option("Number of top words to show per topic.", default=5)
@json_option
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV instead of text.")
def effects(
    model_folder: str,
    kind: str | None,
    of_what: str,
    level: float,
    over: str | None,
    average: bool,
    simultaneous: bool,
    chosen: tuple[int | str, ...],
    top_n: int,
    as_json: bool,
    as_csv: bool,
) -> None:
    """Show the effects of covariates on the topics of MODEL, from 'topicgen fit --prevalence'.

    For each term of the formula there is a table with one line per topic, the largest effect first:
    the estimate, its interval, and a star if the interval excludes 0. An effect of 0.7 on a log
    rate means exp(0.7) = 2 times as many tokens; this rate ratio is shown beside it. An effect of
    0.05 on a share means five percentage points. The effect of a number is per unit, and that of a
    date per year. Curves, such as s(date), are shown by --over date instead.

    If the formula has a random intercept, such as (1 | author), the documents of one author count
    as one observation in the intervals (with several, those of the first).

    --json and --csv print one record per topic and term: topic, term, estimate, std_error, low and
    high; for log rates also ratio, ratio_low and ratio_high. With --over, they print one record per
    topic and value, with the variables of the formula instead of term.
    """
    if as_json and as_csv:
        raise click.UsageError("Options --json and --csv exclude each other; choose one.")
    if simultaneous and over is None:
        raise click.UsageError("Option --simultaneous goes with --over; add it.")
    if average and over is None:
        raise click.UsageError("Option --average goes with --over; add it.")
    from topicgen.topic_model import TopicModel

    model = TopicModel.load(model_folder)
    words = _named(model.top_words(top_n), model.topic_names_)
    numbers = _numbers(model, chosen)
    kind = kind or ("log_rate" if over is None else "share")
    if over is None:
        found = model.effects(kind, of=of_what, level=level)
    else:
        at = _grid(model, over, _N_RECORDS if as_json or as_csv else _N_SHOWN)
        at = at[[over]] if average and not isinstance(at, str) else at
        options = {"simultaneous": simultaneous, "average": average}
        found = model.predict_prevalence(at, kind=kind, of=of_what, level=level, **options)
    if numbers:
        found = found[found["topic"].isin(numbers)]
    if as_json or as_csv:
        if over is None and kind.startswith("log_"):
            found = _with_ratios(found)
        _print_records(found, as_json)
    elif over is None:
        show_lines(_effects_text(model, found, words, kind, level, model_folder))
    else:
        in_percent = of_what == "attention"
        show_lines(predictions_table(found, over, words, in_percent=in_percent, width=window()))


def _named(words: list[list[str]], names: Sequence[str | None]) -> list[list[str]]:
    """Return the top words of topics, with the name of a topic before its first word.

    Example:
        >>> _named([["tax", "bank"], ["goal"]], ["economy", None])
        [['economy: tax', 'bank'], ['goal']]
    """
    return [
        [f"{name}: {first}", *others] if name else [first, *others]
        for (first, *others), name in zip(words, names, strict=True)
    ]


def _grid(model: "TopicModel", variable: str, n: int) -> Any:
    """Return values of a variable; of a model without covariates, which has none, its name."""
    prevalence = model.fitted_.prevalence
    return variable if prevalence is None else prevalence.design.grid(variable, n)


def _effects_text(
    model: "TopicModel",
    found: "pd.DataFrame",
    words: Sequence[Sequence[str]],
    kind: str,
    level: float,
    folder: str,
) -> str:
    """Return the effects as tables, and a line for each curve, whose parts mean little alone."""
    assert model.fitted_.prevalence is not None
    design = model.fitted_.prevalence.design
    parts = [
        c for c, term in zip(design.columns, design.terms, strict=True) if term in design.curves
    ]
    shown = found[~found["term"].isin(parts)]
    tables = [effects_table(shown, words, kind, level, window())] if len(shown) else []
    for term, variables in design.curves.items():
        command = f"topicgen effects {shlex.quote(folder)} --over {shlex.quote(variables[0])}"
        tables.append(f"{term} is a curve; see {command}")
    return "\n\n".join(tables)


def _print_records(found: "pd.DataFrame", as_json: bool) -> None:
    if not as_json:
        print_csv(lambda file: write_frame(_in_digits(found), file))
        return
    dates = found.select_dtypes("datetime").columns
    print_json(found.assign(**{name: found[name].astype(str) for name in dates}).to_dict("records"))


def _in_digits(found: "pd.DataFrame") -> "pd.DataFrame":
    """Return effects with as many digits as people read; the values of variables stay."""
    from topicgen.arrays import significant

    columns = [name for name in _ESTIMATES if name in found]
    return found.assign(**{name: significant(found[name].to_numpy(), DIGITS) for name in columns})


def _numbers(model: "TopicModel", topics: Sequence[int | str]) -> list[int]:
    """Return the numbers of topics.

    Raises:
        InputError: where there is no such topic.
    """
    from topicgen.topic_model.inspection import check_topic

    try:
        return [check_topic(model.fitted_, topic) for topic in topics]
    except InputError as error:
        raise InputError(f"--topic: {error}; 'topicgen topics' lists the topics") from None


def _with_ratios(effects: "pd.DataFrame") -> "pd.DataFrame":
    """Return effects on log rates with the ratios that they mean."""
    import numpy as np

    columns = {"ratio": "estimate", "ratio_low": "low", "ratio_high": "high"}
    with np.errstate(over="ignore"):
        return effects.assign(**{new: np.exp(effects[old]) for new, old in columns.items()})
