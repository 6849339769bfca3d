"""Help with the options under headings, and examples at the end."""

from collections.abc import Callable, Sequence
from typing import Any

import click

from topicgen.cli.options import Command

_OTHERS = "Other"


def section(heading: str, *options: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """Return a decorator that adds options to a command, under a heading of its help.

    Args:
        heading: of these options.
        options: decorators that add one option or several.
    """

    def decorate(command: Command) -> Command:
        n_before = len(getattr(command, "__click_params__", ()))
        for option in reversed(options):
            command = option(command)
        for param in command.__click_params__[n_before:]:  # type: ignore[attr-defined]
            param.heading = heading
        return command

    return decorate


class SectionedCommand(click.Command):
    """A command whose help has the options of each ``section`` under its heading.

    Args:
        examples: command lines, shown at the end.
        args: of a command of click.
        options: of a command of click.
    """

    def __init__(self, *args: Any, examples: Sequence[str] = (), **options: Any) -> None:
        super().__init__(*args, **options)
        self.examples = examples

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, under the headings in their order."""
        sections: dict[str, list[tuple[str, str]]] = {}
        options = [param for param in self.get_params(ctx) if isinstance(param, click.Option)]
        for param in sorted(options, key=lambda option: not hasattr(option, "heading")):
            record = param.get_help_record(ctx)
            if record is not None:
                sections.setdefault(getattr(param, "heading", _OTHERS), []).append(record)
        for heading, records in sections.items():
            with formatter.section(heading):
                formatter.write_dl(records)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples, each on one line, from which it can be copied."""
        if self.examples:
            with formatter.section("Examples"):
                for example in self.examples:
                    formatter.write(f"{'':{formatter.current_indent}}{example}\n")
        super().format_epilog(ctx, formatter)
