"""What data holds reaches no terminal as it is, from any command, and all tables fit the window."""

import json
import os
import pty
import re
import subprocess
import sys
import unicodedata
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from scipy.sparse import csr_matrix

from topicgen import TopicModel
from topicgen.cli import main, messages
from topicgen.corpus import Corpus
from topicgen.plain import display_width

ESCAPES = [
    "\x1b[2J",
    "\x9b31m",
    "\x07",
    "\u202e",
    "\u2066",
    "\u2028",
    "\x85",
    "\r",
    "\u200b",
    "\x7f",
]
N_WORDS, N_DOCUMENTS = 12, 60


def hostile(name):
    return name + "".join(ESCAPES)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Folders with a hostile corpus, two models of it and a deep one, all with hostile names."""
    home = tmp_path_factory.mktemp("hostile") / hostile("home")
    home.mkdir()
    random = np.random.default_rng(0)
    counts = random.poisson(np.repeat([[3.0, 0.1], [0.1, 3.0]], 30, 0).repeat(N_WORDS // 2, 1))
    words = [hostile(f"word{i}") for i in range(N_WORDS - 1)] + ["x" * 5_000]
    metadata = pd.DataFrame(
        {
            hostile("party"): [hostile(name) for name in ("Con", "Lab", "Lib")] * 20,
            "year": random.integers(2000, 2020, N_DOCUMENTS),
        }
    )
    corpus = Corpus(
        csr_matrix(counts),
        words,
        [hostile(f"id{row}") for row in range(N_DOCUMENTS)],
        [hostile("left"), hostile("right")] * 30,
        metadata=metadata,
    )
    corpus.save(home / "corpus")
    for seed in (0, 1):
        model = TopicModel(3, max_epochs=3, random_state=seed, prevalence="year")
        model.fit(corpus)
        if seed == 0:
            # A model folder from elsewhere may have names that ``rename`` refuses.
            model.fitted_ = replace(model.fitted_, names=(hostile("name"), None, None))
        model.save(home / f"model{seed}")
    deep = TopicModel(3, max_epochs=2, upper_components=(2,), random_state=0).fit(corpus)
    deep.save(home / "deep")
    by_party = TopicModel(2, max_epochs=3, random_state=0, prevalence="`group`", content="group")
    by_party.fit(corpus, metadata=metadata.rename(columns={hostile("party"): "group"}))
    by_party.save(home / "groups")
    return home


COMMANDS = [
    ["topics", "model0"],
    ["topics", "model0", "--json"],
    ["topics", "model0", "--csv"],
    ["topics", "groups", "--given", "group=" + hostile("Con")],
    ["topics", "groups", "--given", "group=" + hostile("Dem")],
    ["topics", "deep", "--tree"],
    ["topics", "deep", "--tree", "--json"],
    ["topics", "deep", "--tree", "--csv"],
    ["effects", "groups"],
    ["effects", "groups", "--csv"],
    ["effects", "groups", "--json"],
    ["effects", "groups", "--over", "group"],
    ["effects", "groups", "--over", hostile("no")],
    ["edit", "model0", "--suggest"],
    ["edit", "model0", "--rename", "1=economy", "--merge", "0,1", "-o", "edited"],
    ["edit", "model0", "--drop", hostile("no")],
    ["transform", "model0", "corpus"],
    ["transform", "model0", "corpus", "--keep", hostile("no")],
    ["transform", "model0", "corpus", "-o", hostile("a.xlsx")],
    ["report", "model0", "corpus", "-o", hostile("report")],
    ["evaluate", "model0", "corpus"],
    ["evaluate", "model0", "corpus", "--json"],
    ["compare", "model0", "model1", "corpus"],
    ["compare", "model0", "model1", "corpus", "--json"],
    ["select-k", "corpus", "--grid", "2,3", "--seeds", "1", "--max-epochs", "1"],
    ["fit", "corpus", "-k", "2", "--max-epochs", "2", "-o", hostile("fitted"), "--quiet"],
    ["fit", hostile("no"), "-k", "2"],
    ["fit", "corpus", "-k", hostile("no")],
    ["fit", "--" + hostile("no")],
    ["report", "model0", "corpus", "-o", hostile("page") + ".html", "--title", hostile("title")],
    ["corpus", "info", "corpus"],
    ["corpus", "info", "corpus", "--json"],
    ["corpus", "info", hostile("no")],
    ["corpus", "convert", "corpus", hostile("out"), "--to", "octis"],
    ["corpus", "build", hostile("no"), "-o", hostile("new")],
    ["corpus", "get", hostile("no")],
    [hostile("no")],
]


def acts(text):
    """Return what a terminal would obey, or not show."""
    return {
        character
        for character in text.replace("\n", "")
        if unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp", "Cs")
    }


@pytest.mark.parametrize("columns", ["40", "100"])
@pytest.mark.parametrize(
    "words", COMMANDS, ids=lambda words: re.sub(r"[^a-z0-9-]+", " ", " ".join(words))
)
def test_no_command_passes_on_what_acts(words, columns, data, monkeypatch):
    monkeypatch.chdir(data)
    monkeypatch.setattr(messages, "is_terminal", lambda: True)
    monkeypatch.setenv("COLUMNS", columns)
    if {"-o", "convert"} & {*words}:
        words = [*words, "--overwrite"]
    result = CliRunner().invoke(main, words)
    assert result.exit_code in (0, 2), result.output
    assert result.stdout or result.stderr
    # What a progress bar itself writes.
    stderr = re.sub(r"\r[^\n\r]*\|[^\n\r]*(\x1b\[A)?", "", result.stderr)
    assert not acts(result.stdout)
    assert not acts(stderr)
    if "--json" in words:
        json.loads(result.stdout)


def test_each_command_was_tried():
    tried = {words[1] if words[0] == "corpus" else words[0] for words in COMMANDS}
    assert {*main.commands, *main.commands["corpus"].commands} - {"corpus"} <= tried


def test_json_is_exact(data):
    topics = json.loads(CliRunner().invoke(main, ["topics", str(data / "model0"), "--json"]).stdout)
    words = TopicModel.load(data / "model0").top_words(10)
    assert [topic["words"] for topic in topics] == words
    assert any(word.startswith("word") and word.endswith("\x7f") for word in words[0])


def test_csv_for_programs_is_exact(data):
    text = (
        CliRunner().invoke(main, ["transform", str(data / "model0"), str(data / "corpus")]).stdout
    )
    assert hostile("id0") in text


TABLES = [
    "topics model0", "topics deep --tree", "effects groups", "effects groups --over group",
    "evaluate model0 corpus", "compare model0 model1 corpus", "edit model0 --suggest",
]  # fmt: skip


@pytest.mark.parametrize("columns", [40, 80, 160])
@pytest.mark.parametrize("command", TABLES)
def test_tables_fit_the_window(command, columns, data, monkeypatch):
    monkeypatch.chdir(data)
    monkeypatch.setattr(messages, "is_terminal", lambda: True)
    monkeypatch.setenv("COLUMNS", str(columns))
    lines = CliRunner().invoke(main, command.split()).stdout.splitlines()
    assert max(map(display_width, lines)) <= columns


def test_a_real_terminal_has_bars_and_a_pipe_has_none(data):
    command = [sys.executable, "-m", "topicgen", "topics", "model1"]
    environment = os.environ | {"COLUMNS": "80", "PYTHONUTF8": "1"}
    piped = subprocess.run(command, cwd=data, env=environment, capture_output=True, text=True)
    assert "█" not in piped.stdout
    assert piped.stdout.splitlines()[0] == "topic  share  presence  amount  words"
    assert len(piped.stdout.splitlines()) == 4
    shown = _in_terminal(command, data, environment)
    assert "█" in shown
    assert max(map(display_width, shown.splitlines())) <= 80
    assert not acts(shown)
    assert "█" not in _in_terminal(command, data, environment | {"PYTHONIOENCODING": "latin-1"})


def _in_terminal(command, folder, environment):
    """Return what a program prints to a terminal."""
    ours, its = pty.openpty()
    process = subprocess.Popen(command, cwd=folder, env=environment, stdout=its)
    os.close(its)
    shown = b""
    while True:
        try:
            piece = os.read(ours, 10_000)
        except OSError:  # the other end is closed
            break
        if not piece:
            break
        shown += piece
    os.close(ours)
    assert process.wait() == 0
    return shown.decode("utf-8", "replace").replace("\r\n", "\n")
