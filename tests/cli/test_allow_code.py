"""``--allow-code``: commands run the code that a folder names only with it."""

import sys

import pytest

LINES = "bank money rate loan\ngoal team match player\nbank rate money\ngoal match team\n" * 20
CODE = "import pathlib\npathlib.Path(__file__).with_name('ran').touch()\nsplit = str.split\n"


@pytest.fixture
def stranger(tmp_path, monkeypatch):
    """The trace that a module leaves when it is imported."""
    (tmp_path / "stranger_cli.py").write_text(CODE)
    (tmp_path / "news.txt").write_text(LINES)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.chdir(tmp_path)

    def forget():
        sys.modules.pop("stranger_cli", None)
        (tmp_path / "ran").unlink(missing_ok=True)

    forget()
    yield (tmp_path / "ran", forget)
    forget()


OWN = ("--tokenizer", "stranger_cli:split", "--stop-words", "none")
FIT = ("-k", 2, "--max-epochs", 1, "--quiet")


@pytest.mark.parametrize(
    "command",
    [
        ("transform", "m", "news.txt"),
        ("evaluate", "m", "news.txt"),
        ("compare", "m", "n", "news.txt"),
        ("report", "m", "news.txt", "--quiet"),
        ("edit", "m", "--drop", "1", "--documents", "news.txt"),
        ("fit", "news.txt", "--warm-start", "m", "-o", "w", "--quiet"),
    ],
    ids=lambda words: words[0],
)
def test_a_model_runs_its_code_only_with_consent(run, refused, stranger, command):
    ran, forget = stranger
    for seed, name in enumerate(("m", "n")):
        # On the command line, a tokenizer is the user's own.
        result = run("fit", "news.txt", "-o", name, "--seed", seed, *OWN, *FIT)
        assert result.exit_code == 0, result.stderr
    assert ran.exists()
    forget()
    result = run(*command)
    refused(result, "run the code 'stranger_cli:split' (module:function)", "--allow-code")
    assert not ran.exists()
    assert run("topics", "m").exit_code == 0
    assert not ran.exists()
    result = run(*command, "--allow-code")
    assert result.exit_code == 0, result.stderr
    assert ran.exists()


@pytest.mark.parametrize("command", [("fit", "c", "-o", "m", *FIT), ("select-k", "c")])
def test_a_corpus_gives_its_code_to_a_model_only_with_consent(run, refused, stranger, command):
    ran, forget = stranger
    if command[0] == "select-k":
        command = (*command, "--grid", "2,3", "--seeds", 1, "--max-epochs", 1, "--quiet")
    assert run("corpus", "build", "news.txt", "-o", "c", *OWN, "--quiet").exit_code == 0
    forget()
    assert run("corpus", "info", "c").exit_code == 0
    refused(run(*command), "run the code 'stranger_cli:split'", "--allow-code")
    assert not ran.exists()
    result = run(*command, "--allow-code")
    assert result.exit_code == 0, result.stderr
