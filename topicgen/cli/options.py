"""Options that commands share, and the types of their values."""

import functools
import math
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import click

Command = Callable[..., Any]


class Number(click.ParamType):
    """A number, or a word that stands for one.

    Args:
        expected: what to give, as the error says it.
        kinds: int, float or both; the first that fits.
        low: the least number accepted.
        high: the greatest number accepted.
        word: the word, returned as it is.
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
        """Return the number or the word that an argument is."""
        if value == self.word:
            return str(value)
        for kind in self.kinds:
            with suppress(ValueError):
                number = kind(value)
                if self.low <= number <= self.high:
                    return number
        return self.fail(f"expected {self.expected}, got {str(value)!r}", param, ctx)


class Sizes(click.ParamType):
    """Whole numbers from 1 between commas, as a tuple."""

    name = "sizes"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, ...]:
        """Return the numbers that an argument lists."""
        if isinstance(value, tuple):
            return value
        with suppress(ValueError):
            sizes = tuple(int(size) for size in str(value).split(","))
            if min(sizes) >= 1:
                return sizes
        return self.fail(
            f"expected whole numbers from 1 between commas, such as 20,5, got {str(value)!r}",
            param,
            ctx,
        )


POSITIVE = Number("an integer from 1", int, low=1)
POSITIVE_OR_AUTO = Number("an integer from 1, or auto", int, low=1, word="auto")


def grouped(
    parameter: str, **options: Callable[[Command], Command]
) -> Callable[[Command], Command]:
    """Return a decorator that gives a command some options, whose values it takes as one mapping.

    Args:
        parameter: the name of the mapping among the command's parameters.
        options: what ``click.option`` returns, by the name of the option's value. An option that
            the user leaves out, and that has no default, is not in the mapping.
    """

    def decorate(command: Command) -> Command:
        @functools.wraps(command)
        def gather(**values: Any) -> Any:
            group = {name: values.pop(name) for name in options}
            given = {name: value for name, value in group.items() if value is not None}
            return command(**values, **{parameter: given})

        decorated: Command = gather
        for option in reversed(options.values()):
            decorated = option(decorated)
        return decorated

    return decorate


input_options = grouped(
    "reading",
    column=click.option(
        "--column",
        metavar="NAME",
        help='Column of a table with the texts. [default: "text", or the only one]',
    ),
    id_column=click.option(
        "--id-column",
        metavar="NAME",
        help="Column of a table with the ids. [default: rows are counted]",
    ),
    label_column=click.option(
        "--label-column", metavar="NAME", help="Column of a table with known labels."
    ),
    encoding=click.option(
        "--encoding",
        metavar="NAME",
        help="Of text: auto, mixed, or one such as cp1252. [default: UTF-8, else Latin-1]",
    ),
)

overwrite_option = click.option("--overwrite", is_flag=True, help="Replace an output that exists.")

sources_argument = click.argument("sources", metavar="INPUT...", nargs=-1, required=True)

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, for a program.")

top_n_option = click.option(
    "-n",
    "--top-n",
    type=POSITIVE,
    metavar="N",
    default=10,
    show_default=True,
    help="Words shown of each topic.",
)
