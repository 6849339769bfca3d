"""The reference of a command, from the command itself.

In a page, ``.. command:: corpus build`` has the usage of ``topicgen corpus build``, what it does,
its options under their headings, and its examples.
"""

import re
from textwrap import dedent

import click
from docutils import nodes
from docutils.parsers.rst import Directive
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.nodes import nested_parse_with_titles

from topicgen.cli import main
from topicgen.cli.sections import SectionedCommand

_SPECIAL = re.compile(r"([\\`*_|])")
_OPTION = re.compile(r"(?<![\w-])(--[a-z][\w-]*)")


def context_of(words: list[str]) -> click.Context:
    """Return the context of the command that some words name; none is topicgen itself."""
    context = click.Context(main, info_name="topicgen")
    for word in words:
        group = context.command
        assert isinstance(group, click.Group)
        command = group.get_command(context, word)
        if command is None:
            raise KeyError(f"topicgen has no command {' '.join(words)!r}")
        context = click.Context(command, info_name=word, parent=context)
    return context


def reference(words: list[str]) -> list[str]:
    """Return the reference of a command as lines of reStructuredText."""
    context = context_of(words)
    command = context.command
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    lines = [".. code-block:: text", "", f"   {usage}", ""]
    for paragraph in dedent(command.help or "").replace("\b\n", "").strip().split("\n\n"):
        lines += [_plain(" ".join(paragraph.split())), ""]
    lines += [f".. program:: {context.command_path}", ""]
    for heading, options in _options(context).items():
        lines += [f".. rubric:: {heading}", ""]
        for names, text in options:
            lines += [f".. option:: {names}", "", f"   {_plain(' '.join(text.split()))}", ""]
    if isinstance(command, SectionedCommand) and command.examples:
        lines += [".. rubric:: Examples", "", ".. code-block:: text", ""]
        lines += [f"   {example}" for example in command.examples] + [""]
    return lines


def _options(context: click.Context) -> dict[str, list[tuple[str, str]]]:
    """Return the names and the help of the options, by heading: those without one are last."""
    found: dict[str, list[tuple[str, str]]] = {}
    options = [one for one in context.command.get_params(context) if isinstance(one, click.Option)]
    for option in sorted(options, key=lambda option: not hasattr(option, "heading")):
        record = option.get_help_record(context)
        if record is not None:
            found.setdefault(getattr(option, "heading", "Options"), []).append(record)
    return found


def _plain(text: str) -> str:
    """Return a text in which only the names of options are marked, as code."""
    parts = _OPTION.split(text)
    parts[::2] = [_SPECIAL.sub(r"\\\1", part) for part in parts[::2]]
    parts[1::2] = [rf"\ ``{name}``\ " for name in parts[1::2]]
    return "".join(parts)


class CommandReference(Directive):
    """``.. command:: NAME``."""

    optional_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        """Return the nodes of the reference."""
        words = self.arguments[0].split() if self.arguments else []
        source = self.state.document.current_source
        node = nodes.Element()
        nested_parse_with_titles(self.state, StringList(reference(words), source), node)
        return node.children


def setup(app: Sphinx) -> dict[str, bool]:
    """Add the directive to Sphinx."""
    app.add_directive("command", CommandReference)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
