"""The examples in the documentation are true."""

import doctest
import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from topicgen.cli import main

DOCS = Path(__file__).parents[2] / "docs"


PAGES = [
    "editing.md",
    "effects.md",
    "figures.md",
    "formulas.md",
    "over_time.md",
    "reading.md",
    "report.md",
    "scores.md",
]


@pytest.mark.parametrize("page", PAGES)
def test_examples_run(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # some write files
    results = doctest.testfile(str(DOCS / page), module_relative=False, encoding="utf-8")
    assert results.attempted > 0
    assert results.failed == 0


@pytest.mark.parametrize("page", sorted(path.name for path in DOCS.glob("*.md")))
def test_images_are_there(page):
    text = (DOCS / page).read_text("utf-8")
    found = re.findall(r"!\[[^\]]*\]\(([^):]+)\)", text)
    assert [name for name in found if not (DOCS / name).is_file()] == []


WALKTHROUGHS = ["folder_to_dashboard.md", "spreadsheet_to_paper.md"]


@pytest.mark.parametrize("page", WALKTHROUGHS)
def test_walkthroughs(page, tmp_path, monkeypatch):
    """The blocks of Python and the commands of a page run in their order, in one folder."""
    monkeypatch.chdir(tmp_path)
    text = (DOCS / page).read_text("utf-8")
    names = {}
    for language, block in re.findall(
        r"^```(python|sh)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL
    ):
        if language == "python":
            exec(compile(block, page, "exec"), names)
            continue
        for line in block.replace("\\\n", " ").splitlines():
            command, _, file = line.partition(" > ")
            program, *words = shlex.split(command, comments=True) or [""]
            if not program:
                continue
            assert program == "topicgen", line
            result = CliRunner().invoke(main, words)
            assert result.exit_code == 0, f"{line}: {result.stderr}"
            if file:
                Path(file.strip()).write_text(result.stdout, "utf-8")
    made = set(re.findall(r"`([\w-]+\.(?:csv|parquet|png|pdf|svg|html))`", text))
    assert [name for name in made if not Path(name).is_file()] == []
