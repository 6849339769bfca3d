"""``topicgen edit``: naming, merging, dropping and splitting the topics of a model."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from topicgen.cli.embedding_files import embeddings_of_input, embeddings_option
from topicgen.cli.input_rows import InputRows
from topicgen.cli.messages import print_json, show, show_lines, window
from topicgen.cli.options import (
    Names,
    allow_code_option,
    column_options,
    json_option,
    overwrite_option,
    top_n_option,
)
from topicgen.cli.outputs import hold_model_folder
from topicgen.cli.sections import SectionedCommand, section
from topicgen.errors import InputError
from topicgen.plain import quoted
from topicgen.visualization.suggestions_table import suggestions_table

if TYPE_CHECKING:
    from topicgen.topic_model import TopicModel
    from topicgen.topic_model.edits import Edit

_ORDER = "topicgen.edits"


class _EditCommand(SectionedCommand):
    """A command that knows in which order its options were given."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments; the names of the options go to ``ctx.meta``, in their order."""
        _, _, order = self.make_parser(ctx).parse_args(args=list(args))
        ctx.meta[_ORDER] = [param.name for param in order]
        return super().parse_args(ctx, args)


class _Names(click.ParamType):
    """A topic and its new name, such as 3=economy."""

    name = "name"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str | None]:
        """Return the topic and the name; None for no name."""
        topic, equals, name = value.partition("=")
        if not equals or not topic.strip():
            self.fail(
                f"expected a topic and its name, such as 3=economy, got {quoted(value)}", param, ctx
            )
        return topic.strip(), name.strip() or None


def _edit_option(name: str, metavar: str, help: str, type: click.ParamType) -> Callable[..., Any]:
    return click.option(name, metavar=metavar, help=help, type=type, multiple=True)


@click.command(
    cls=_EditCommand,
    short_help="Name, merge, drop and split the topics of a model.",
    examples=(
        "topicgen edit news-model --rename 3=economy --merge 2,7 --drop 5",
        "topicgen edit news-model --suggest",
    ),
)
@click.argument("model_folder", metavar="MODEL")
@section(
    "Edits",
    _edit_option(
        "--rename", "TOPIC=NAME", "Give a topic a name; TOPIC= removes it. Repeatable.", _Names()
    ),
    _edit_option("--merge", "TOPIC,...", "Merge topics into one. Repeatable.", Names("topics")),
    _edit_option("--drop", "TOPIC,...", "Drop topics. Repeatable.", Names("topics")),
    _edit_option("--split", "TOPIC", "Split a topic in two. Repeatable.", click.STRING),
    _edit_option(
        "--freeze",
        "TOPIC,...",
        "Keep the words of topics unchanged in later training. Repeatable.",
        Names("topics"),
    ),
    _edit_option(
        "--unfreeze", "TOPIC,...", "Let training change topics again. Repeatable.", Names("topics")
    ),
    click.option("--undo", count=True, help="Take back the last edit. Repeatable."),
    click.option("--suggest", is_flag=True, help="List topics that could be merged; edit nothing."),
)
@section(
    "Input",
    click.option(
        "--documents",
        metavar="INPUT",
        help="Documents to measure the costs on. [default: the documents saved with the model, "
        "held-out ones if there are any]",
    ),
    embeddings_option,
    column_options,
    allow_code_option,
)
@section(
    "Output",
    click.option(
        "-o", "--output", metavar="NEW", help="Model folder to write. [default: MODEL itself]"
    ),
    overwrite_option,
    top_n_option("Number of pairs of --suggest."),
    json_option,
)
def edit(
    model_folder: str,
    undo: int,
    suggest: bool,
    documents: str | None,
    embeddings: str | None,
    reading: dict[str, Any],
    allow_code: bool,
    output: str | None,
    overwrite: bool,
    top_n: int,
    as_json: bool,
    **values: Sequence[Any],
) -> None:
    """Edit the topics of MODEL, and save it in place or as the model folder NEW.

    A TOPIC is a number or a name. Edits are made in the order in which you give them. Numbers
    always refer to MODEL as it is before the command: after --drop 5, --rename 6=economy names the
    topic that 'topicgen topics MODEL' shows as topic 6. After a merge, the number of each part
    refers to the merged topic. If one edit fails, no edit is made.

    For each edit, the command prints what it did, which topics have new numbers, and how much worse
    (or better) the model predicts held-out documents. Names and edits are saved with the model.
    --undo takes edits back, the last one first, until the model is trained further.
    """
    order = [name for name in click.get_current_context().meta[_ORDER] if values.get(name)]
    if (bool(order) + bool(undo) + suggest) > 1:
        raise click.UsageError(
            "Options --undo and --suggest cannot be combined with edits or with each other; run "
            "separate commands."
        )
    if not (order or undo or suggest):
        raise click.UsageError("Nothing to do; pass an edit, such as --rename 3=economy.")
    if documents is None and (reading or embeddings is not None):
        raise click.UsageError("Options about reading INPUT need --documents; add it.")
    if output is not None:
        hold_model_folder(output, overwrite=overwrite)
    elif not suggest and os.path.isfile(os.path.join(model_folder, "config.json")):
        hold_model_folder(model_folder, overwrite=True)

    from topicgen.corpus.wording import quantity
    from topicgen.topic_model import TopicModel

    model = TopicModel.load(model_folder, trust_recipe=allow_code)
    options = {} if documents is None else _read(model, documents, embeddings, reading)
    if suggest:
        _suggest(model, top_n, options, as_json)
        return
    folder = model_folder if output is None else output
    if undo:
        done = _undo(model, undo)
        lines = [f"undone: {edit.text}" for edit in done]
    else:
        done, lines = _edits(model, order, values, options)
    model.save(folder, overwrite=True)
    n_topics = model.components_.shape[0]
    if as_json:
        edits = [edit.to_config() for edit in done]
        print_json({"model": folder, "topics": n_topics, "undone" if undo else "edits": edits})
        return
    for line in lines:
        show(line)
    show(f"model: {folder} ({quantity(n_topics, 'topic')})")


def _read(
    model: "TopicModel", source: str, embeddings: str | None, reading: dict[str, Any]
) -> dict[str, Any]:
    """Return the documents of --documents with their embeddings, as edits take them."""
    from topicgen.cli.inputs import read_known

    rows = InputRows()
    corpus, _ = read_known(model, [source], reading, rows=rows)
    return {"X": corpus, "embeddings": embeddings_of_input([model], embeddings, rows)}


def _undo(model: "TopicModel", times: int) -> "list[Edit]":
    from topicgen.corpus.wording import quantity

    n_edits = len(model.edits_)
    if n_edits < times:
        raise InputError(
            f"the model has {quantity(n_edits, 'edit')} to undo, got --undo {times} times; pass it "
            "less often"
            if n_edits
            else "the model has no edit to undo"
        )
    return [model.undo() for _ in range(times)]


def _edits(
    model: "TopicModel",
    order: Sequence[str],
    values: Mapping[str, Sequence[Any]],
    options: dict[str, Any],
) -> "tuple[list[Edit], list[str]]":
    """Make the edits in order; numbers refer to the topics before all of them.

    Returns:
        The edits, and lines that say what they did.

    Raises:
        InputError: where one of them cannot be made.
    """
    given: dict[str, Iterator[Any]] = {name: iter(each) for name, each in values.items()}
    numbers: list[int | None] = list(range(model.components_.shape[0]))
    done: list[Edit] = []
    lines: list[str] = []
    for name in order:
        value = next(given[name])
        if name == "rename":
            topic, new = value
            value = f"{topic}={new or ''}"
            edit = model.rename({_now(topic, numbers): new})
        elif name == "split":
            edit = model.split(_now(value, numbers), **options)
        else:
            topics = list(dict.fromkeys(_now(topic, numbers) for topic in value))
            measured = options if name in ("merge", "drop") else {}
            edit = getattr(model, name)(topics, **measured)
        done.append(edit)
        option = f"--{name} {value if isinstance(value, str) else ','.join(value)}"
        lines.append(f"{option}: {replace(edit, cost=None)}")
        lines += [] if edit.cost is None else [f"  {edit.cost}"]
        if edit.numbers is not None:
            numbers = [None if old is None else edit.numbers[old] for old in numbers]
    return done, lines


def _now(topic: str, numbers: Sequence[int | None]) -> int | str:
    """Return the current number of a topic that had another at the start; return a name as it is.

    Raises:
        InputError: where there was no such topic, or it has been dropped.
    """
    if not topic.isdecimal():
        return topic
    # Python reads no number of thousands of digits.
    place = int(topic) if len(topic) < 10 else len(numbers)
    if place >= len(numbers):
        raise InputError(
            f"the topics of the model are 0 to {len(numbers) - 1}, got {topic[:20]}; pass one of "
            "these (a topic that this command makes can be edited by the next command)"
        )
    number = numbers[place]
    if number is None:
        raise InputError(f"topic {topic} is dropped by an earlier edit; leave out one of the two")
    return number


def _suggest(model: "TopicModel", n: int, options: dict[str, Any], as_json: bool) -> None:
    found = model.suggest_merges(n, **options)
    if as_json:
        print_json(found.to_dict("records"))
    else:
        show_lines(suggestions_table(found, window()))
