from ast import literal_eval

import click
import pytest
from click.testing import CliRunner

from topicgen.cli import main
from topicgen.cli.options import grouped
from topicgen.cli.sections import SectionedCommand, section


@click.command(cls=SectionedCommand, examples=("act one", "act two --fast"))
@click.argument("what")
@click.option("--first", help="Not in a section.")
@section("Speed", click.option("--slow", help="Slowly."), click.option("--fast", is_flag=True))
@section("Group", grouped("given", a=click.option("--a", help="An a."), b=click.option("--b")))
def act(**values):
    """Do it."""
    click.echo(values)


def test_options_are_under_their_headings():
    text = CliRunner().invoke(act, ["--help"]).stdout
    assert text.split("\n\n", 2)[2].split("\n\n") == [
        "Speed:\n  --slow TEXT  Slowly.\n  --fast",
        "Group:\n  --a TEXT  An a.\n  --b TEXT",
        "Other:\n  --first TEXT  Not in a section.\n  --help        Show this message and exit.",
        "Examples:\n  act one\n  act two --fast\n",
    ]


def test_sections_change_nothing_else():
    result = CliRunner().invoke(act, ["x", "--fast", "--b", "2"])
    expected = {"what": "x", "first": None, "slow": None, "fast": True, "given": {"b": "2"}}
    assert literal_eval(result.stdout) == expected


def test_groups_may_share_a_mapping():
    @click.command()
    @grouped("given", a=click.option("--a"))
    @grouped("given", b=click.option("--b"))
    def both(given):
        click.echo(given)

    assert CliRunner().invoke(both, ["--a", "1", "--b", "2"]).stdout == "{'a': '1', 'b': '2'}\n"
    assert CliRunner().invoke(both, []).stdout == "{}\n"


COMMANDS = {**main.commands, **main.commands["corpus"].commands}
SECTIONED = [name for name, command in COMMANDS.items() if isinstance(command, SectionedCommand)]


def test_commands_with_many_options_have_sections():
    assert {"fit", "select-k", "transform", "evaluate", "compare", "build"} <= {*SECTIONED}
    assert list(_sections("fit")) == [
        "Input", "Words", "Model", "Training", "Checkpoints", "Engine", "Output", "Other",
        "Examples",
    ]  # fmt: skip


@pytest.mark.parametrize("name", SECTIONED)
def test_each_option_has_a_section_but_help(name):
    assert _sections(name)["Other"].split()[0] == "-h,"


@pytest.mark.parametrize("name", SECTIONED)
def test_examples_are_of_options_that_there_are(name):
    command, context = COMMANDS[name], click.Context(COMMANDS[name])
    known = {word for option in command.params for word in option.opts}
    for example in command.examples:
        assert {word for word in example.split() if word.startswith("-")} <= known
        words = example.split(f" {name} ")[1].replace("'", "").split()
        assert len(f"  {example}") <= 100
        if "+" not in example:
            command.make_context(name, words, parent=context)


def _sections(name):
    words = ["corpus", name] if name == "build" else [name]
    text = CliRunner().invoke(main, [*words, "--help"]).stdout
    blocks = [block for block in text.split("\n\n") if block.splitlines()[0].endswith(":")]
    return {block.split(":")[0]: block.split(":", 1)[1] for block in blocks}
