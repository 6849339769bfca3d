"""Options that several commands share, and the types of their values."""

import csv
import functools
import math
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import click

from topicgen.corpus.splits import SPLITS
from topicgen.plain import quoted

Command = Callable[..., Any]


class Number(click.ParamType):
    """A number, or a word that may stand in its place, such as "auto".

    Args:
        expected: what the value should be, in the words of the error message.
        kinds: int, float or both, tried in this order.
        low: the smallest number accepted.
        high: the largest number accepted.
        word: a word accepted in place of a number, and returned unchanged.
    """

    name = "number"

    def __init__(
        self,
        expected: str,
        *kinds: type[int] | type[float],
        low: float = -math.inf,
        high: float = math.inf,
        word: str | None = None,
    ) -> None:
        self.expected = expected
        self.kinds = kinds
        self.low = low
        self.high = high
        self.word = word

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> int | float | str:
        """Return the argument as a number, or as the word."""
        if value == self.word:
            return str(value)
        for kind in self.kinds:
            with suppress(ValueError):
                number = kind(value)
                if self.low <= number <= self.high:
                    return number
        return self.fail(f"expected {self.expected}, got {quoted(value)}", param, ctx)


class Names(click.ParamType):
    """Names separated by commas, as a tuple; a name that contains a comma is quoted.

    Args:
        what: what is named, in the words of the error message.
    """

    name = "names"

    def __init__(self, what: str = "column names") -> None:
        self.what = what

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        """Return the names listed in the argument."""
        if isinstance(value, tuple):
            return value
        names: tuple[str, ...] = ()
        with suppress(csv.Error):  # at a line break
            row = next(csv.reader([value], skipinitialspace=True), [])
            names = tuple(name.strip() for name in row)
        if not names or not all(names):
            self.fail(f"expected {self.what} separated by commas, got {quoted(value)}", param, ctx)
        return names


class Sizes(click.ParamType):
    """Positive integers separated by commas, as a tuple."""

    name = "sizes"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, ...]:
        """Return the numbers listed in the argument."""
        if isinstance(value, tuple):
            return value
        with suppress(ValueError):
            sizes = tuple(int(size) for size in str(value).split(","))
            if min(sizes) >= 1:
                return sizes
        return self.fail(
            f"expected positive integers separated by commas, such as 20,5, got {quoted(value)}",
            param,
            ctx,
        )


class Topic(click.ParamType):
    """The number or the name of a topic: digits are a number.

    >>> Topic()("3"), Topic()("buses")
    (3, 'buses')
    """

    name = "topic"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> int | str:
        """Return a number, or else the name as it is."""
        # Python reads no number of thousands of digits.
        is_number = str(value).isdecimal() and len(str(value)) < 10
        return int(value) if is_number else str(value)


POSITIVE = Number("a positive integer", int, low=1)
WHOLE = Number("a whole number", int, low=0)
POSITIVE_OR_AUTO = Number("a positive integer or auto", int, low=1, word="auto")


def grouped(
    parameter: str, **options: Callable[[Command], Command]
) -> Callable[[Command], Command]:
    """Return a decorator that adds options to a command, which receives them as one mapping.

    Several groups may share a mapping.

    Args:
        parameter: the command's parameter that receives the mapping.
        options: what ``click.option`` returns, by parameter name. An option without a default that
            the user leaves out is not in the mapping.
    """

    def decorate(command: Command) -> Command:
        @functools.wraps(command)
        def gather(**values: Any) -> Any:
            group = {name: values.pop(name) for name in options}
            given = {name: value for name, value in group.items() if value is not None}
            return command(**values | {parameter: values.get(parameter, {}) | given})

        decorated: Command = gather
        for option in reversed(options.values()):
            decorated = option(decorated)
        return decorated

    return decorate


split_option = click.option(
    "--split",
    type=click.Choice(SPLITS),
    help="Use only one split of the documents, as given by an OCTIS or TopMost folder, or by ids "
    "(paths in a folder) such as train/1.txt. [default: all]",
)

zero_based_option = click.option(
    "--zero-based",
    type=click.Choice(["auto", "yes", "no"]),
    callback=lambda ctx, param, value: {"yes": True, "no": False}.get(value, value),
    help="Whether word ids in SVMlight files start at 0. [default: auto, yes if one of them is 0]",
)

column_options = grouped(
    "reading",
    column=click.option(
        "--column",
        metavar="NAME",
        help='Table column with the texts. [default: "text", or the only column]',
    ),
    id_column=click.option(
        "--id-column",
        metavar="NAME",
        help='Table column with document ids; a row without one has its number. [default: "id" if '
        "there is one, or row numbers]",
    ),
    label_column=click.option(
        "--label-column",
        metavar="NAME",
        help="Table column with known labels, to compare topics with.",
    ),
)

file_options = grouped(
    "reading",
    encoding=click.option(
        "--encoding",
        metavar="NAME",
        help="Text encoding: auto (UTF-8, else cp1252), mixed (both in one file), or a name "
        "such as gb18030. [default: auto]",
    ),
    delimiter=click.option(
        "--delimiter",
        metavar="CHAR",
        help="Character between the fields of CSV or TSV, or tab. [default: detected from the "
        "first rows]",
    ),
    header=click.option(
        "--no-header",
        "header",
        flag_value=False,
        type=bool,
        default=None,
        help="The first row of CSV or TSV is a document; the columns are named 1, 2, ...",
    ),
    quote=click.option(
        "--quote",
        metavar="CHAR",
        help='Character around fields of CSV or TSV, or none. [default: "]',
    ),
    escape=click.option(
        "--escape",
        metavar="CHAR",
        help="Character before a quote inside a quoted field. [default: quotes are doubled]",
    ),
    split=split_option,
    zero_based=zero_based_option,
)


def input_options(command: Command) -> Command:
    """Add the options about reading INPUT."""
    return column_options(file_options(command))


def _joined_names(
    ctx: click.Context, param: click.Parameter, values: tuple[tuple[str, ...], ...]
) -> str | tuple[str, ...] | None:
    names = tuple(dict.fromkeys(name for value in values for name in value))
    return ("all" if "all" in names else names) or None


def keep_option(of_what: str, others: str = "all.") -> Callable[[Command], Command]:
    """Return the option ``--keep``.

    Args:
        of_what: the columns, and what is done with them.
        others: the words that may stand in the place of names.
    """
    return click.option(
        "--keep",
        type=Names(),
        multiple=True,
        callback=_joined_names,
        metavar="COLUMNS",
        help=f"{of_what}: names separated by commas, repeatable; or {others}",
    )


metadata_option = click.option(
    "--metadata",
    metavar="TABLE",
    help="Table with the metadata of texts that are files or lines: one row per text, with its id "
    'in --id-column (default "id"). All columns are kept unless --keep names some.',
)

deduplicate_option = click.option(
    "--deduplicate",
    is_flag=True,
    help="Drop documents that repeat the text of an earlier one.",
)

allow_code_option = click.option(
    "--allow-code",
    is_flag=True,
    help="Allow a model or corpus folder to run the code of the tokenizer that it names "
    "(module:function), and to use any token pattern. Only for folders from people you trust.",
)

quiet_option = click.option(
    "--quiet", is_flag=True, help="Hide the progress bar; results are still printed."
)

overwrite_option = click.option("--overwrite", is_flag=True, help="Replace an existing output.")

sources_argument = click.argument("sources", metavar="INPUT...", nargs=-1, required=True)

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")


def top_n_option(what: str, default: int = 10) -> Callable[[Command], Command]:
    """Return the option ``--top-n``, with what it counts as its help."""
    return click.option(
        "-n",
        "--top-n",
        type=POSITIVE,
        metavar="N",
        default=default,
        show_default=True,
        help=what,
    )
