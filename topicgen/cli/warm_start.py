"""``topicgen fit --warm-start``: the topics of an earlier model keep their numbers and names."""

from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

if TYPE_CHECKING:
    import pandas as pd

    from topicgen.topic_model import TopicModel

warm_start_option = click.option(
    "--warm-start",
    metavar="MODEL",
    help="Start from the topics of an earlier model and keep their numbers and names, and which "
    "are frozen. Options that you leave out, those about words included, are taken from MODEL; "
    "--extra-stop-words replaces the earlier extra stop words.",
)

# Further topics are counted rather than listed.
_MOST_LISTED = 10


def load_before(folder: str, *, trust_recipe: bool) -> "TopicModel":
    """Return the earlier model.

    Args:
        folder: the folder of the model.
        trust_recipe: whether the code that its recipe names may run.

    Raises:
        InputError: where it cannot be read.
    """
    from topicgen.topic_model import TopicModel

    return TopicModel.load(folder, trust_recipe=trust_recipe)


def given_options(options: dict[str, Any]) -> dict[str, Any]:
    """Return the options that the user gave, without defaults."""
    context = click.get_current_context()
    return {
        name: value
        for name, value in options.items()
        if context.get_parameter_source(name) is not ParameterSource.DEFAULT
    }


def carried_record(carried: "pd.DataFrame") -> dict[str, Any]:
    """Return the table of ``TopicModel.refit`` as JSON: the topics, and the lost ones."""
    rows = [
        {name: None if value is missing else value for name, value in row.items()}
        for missing in [_missing()]
        for row in carried.to_dict("records")
    ]
    return {
        "topics": [row for row in rows if row["topic"] is not None],
        "lost": [row for row in rows if row["topic"] is None],
    }


def _missing() -> Any:
    import pandas as pd

    return pd.NA


def carried_lines(carried: "pd.DataFrame") -> list[str]:
    """Return what happened to the topics of the earlier model, for a reader."""
    from topicgen.corpus.wording import quantity

    is_now, was = carried["topic"].notna(), carried["before"].notna()
    found, new, lost = carried[is_now & was], carried[is_now & ~was], carried[~is_now]
    n_before = len(found) + len(lost)
    lines = [f"carried over: {len(found)} of {quantity(n_before, 'topic')}"]
    if len(found):
        similarity = found["similarity"]
        lines[0] += (
            f"  (similarity of their words: mean {similarity.mean():.2f}, "
            f"lowest {similarity.min():.2f})"
        )
    named = found[found["name"].notna()]
    if len(named):
        lines.append(f"  names: {_listed(_called(row) for row in named.to_dict('records'))}")
    moved = found[found["topic"] != found["before"]]
    if len(moved):
        pairs = (f"{row['before']} is now {row['topic']}" for row in moved.to_dict("records"))
        lines.append(f"  new numbers: {_listed(pairs)}")
    if len(new):
        lines.append(f"  new: {_listed(_called(row) for row in new.to_dict('records'))}")
    if len(lost):
        rows = lost.to_dict("records")
        lines.append(f"  lost: {_listed(_called(row, 'before') for row in rows)}")
    return lines


def _called(row: dict[str, Any], number: str = "topic") -> str:
    return f"{row[number]} ({row['name'] or ', '.join(row['words'].split()[:3])})"


def _listed(texts: Any) -> str:
    listed = list(texts)
    more = len(listed) - _MOST_LISTED
    return ", ".join(listed[:_MOST_LISTED]) + (f" and {more} more" if more > 0 else "")
