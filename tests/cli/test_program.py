import subprocess
import sys
import warnings

import click
import pytest
from click.testing import CliRunner

from topicgen.cli import main
from topicgen.cli.program import Program
from topicgen.errors import InputError


@pytest.fixture
def outcome():
    """``outcome(act)``: what a program prints and returns whose one command does this."""

    def outcome(act, args=("act",)):
        program = Program("topicgen", commands={"act": click.Command("act", callback=act)})
        return CliRunner().invoke(program, args)

    return outcome


def raising(error):
    def act():
        raise error

    return act


def test_success(outcome):
    result = outcome(lambda: click.echo("done"))
    assert (result.exit_code, result.stdout, result.stderr) == (0, "done\n", "")


@pytest.mark.parametrize(
    ("error", "status", "line"),
    [
        (InputError("expected a,\ngot b; c"), 2, "error: expected a, got b; c"),
        (
            PermissionError(13, "Permission denied", "a b"),
            2,
            "error: cannot read or write 'a b': Permission denied; check the path, its permissions "
            "and the free disk space",
        ),
        (KeyboardInterrupt(), 130, "interrupted"),
        (
            ZeroDivisionError("a\nb"),
            1,
            "internal error: ZeroDivisionError: a b (set TOPICGEN_DEBUG=1 for the traceback)",
        ),
    ],
)
def test_a_failure_is_one_line_and_a_status(outcome, error, status, line):
    result = outcome(raising(error))
    assert (result.exit_code, result.stdout, result.stderr) == (status, "", f"topicgen: {line}\n")


def test_a_fault_shows_its_traceback_when_asked(outcome, monkeypatch):
    monkeypatch.setenv("TOPICGEN_DEBUG", "1")
    assert isinstance(outcome(raising(ZeroDivisionError())).exception, ZeroDivisionError)


def test_a_closed_pipe_ends_the_program_silently(outcome):
    result = outcome(raising(BrokenPipeError(32, "Broken pipe")))
    assert (result.exit_code, result.stdout, result.stderr) == (141, "", "")


def test_warnings_take_one_line_each_and_filters_are_restored(outcome):
    def act():
        for text in ("two\nlines", "two\nlines", "other"):
            warnings.warn_explicit(text, UserWarning, "topicgen/corpus.py", 1, "topicgen.corpus")

    before = (warnings.showwarning, warnings.filters[:])
    result = outcome(act)
    assert result.stderr == "topicgen: warning: two lines\n" * 2 + "topicgen: warning: other\n"
    assert (warnings.showwarning, warnings.filters[:]) == before


@pytest.mark.parametrize(
    ("args", "line"),
    [
        ([], "missing command; see 'topicgen --help'"),
        (["--no-such"], "no such option"),
        (["no-such"], "no such command 'no-such'"),
        (["fit"], "missing argument 'INPUT...'; see 'topicgen fit --help'"),
        (
            ["fit", "a", "-k", "0"],
            "expected a positive integer, got '0'; see 'topicgen fit --help'",
        ),
        (["fit", "a", "-k", "abc"], "expected a positive integer, got 'abc'"),
        (["fit", "a", "-k"], "option '-k' requires an argument; see 'topicgen"),
        (["fit", "a", "--learning-rate", "0"], "expected a positive number or auto, got '0'"),
        (["fit", "a", "--seed", "-1"], "expected an integer from 0 to 2**32 - 1, got '-1'"),
        (["topics", "a", "-n", "0"], "expected a positive integer, got '0'"),
        (["topics", "a", "--json", "--csv"], "options --json and --csv exclude each other"),
        (["topics", "a", "b"], "unexpected extra argument"),
    ],
)
def test_a_usage_mistake_is_one_line(run, refused, args, line):
    refused(run(*args), line)


def test_help_and_version(run):
    for name in ("fit", "topics", "transform", "evaluate"):
        assert f"\n  {name} " in run("--help").stdout
        assert run(name, "-h").stdout.startswith(f"Usage: topicgen {name} ")
    assert run("--version").stdout == "topicgen 0.1.0\n"


def test_help_imports_nothing_slow():
    code = (
        "import sys; from topicgen.cli import main\n"
        "try: main(['fit', '--help'])\n"
        "except SystemExit: pass\n"
        "print({'torch', 'sklearn', 'scipy', 'numpy', 'pandas', 'tqdm', 'nltk'} & {*sys.modules})"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.stderr == ""
    assert result.stdout.endswith("\nset()\n")


def test_corpus_build_imports_nothing_that_it_does_not_need(news, tmp_path):
    """To import scikit-learn takes longer than to count some megabytes."""
    lines = tmp_path / "lines.txt"
    lines.write_text("Banks raised rates.\nRates rose: caf\xe9s rose.\n", "utf-8")
    for source in (str(lines), news):
        code = (
            "import sys; from topicgen.cli import main\n"
            f"try: main(['corpus', 'build', {source!r}, '-o', {str(tmp_path / 'out')!r}, "
            "'--overwrite'])\n"
            "except SystemExit as done: assert not done.code\n"
            "print({'torch', 'sklearn', 'pandas', 'pyarrow', 'nltk', 'gensim'} & {*sys.modules})"
        )
        result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        assert result.stdout.endswith("\nset()\n"), result.stderr


def test_every_option_is_explained():
    for command in main.commands.values():
        for option in command.params:
            assert isinstance(option, click.Argument) or option.help, option
