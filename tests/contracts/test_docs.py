"""The examples in the documentation are true."""

import doctest
import os
import re
import shlex
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from topicgen.cli import main

DOCS = Path(__file__).parents[2] / "docs"


PAGES = [
    "documents.md",
    "editing.md",
    pytest.param("effects.md", marks=pytest.mark.slow),
    pytest.param("embeddings.md", marks=pytest.mark.slow),
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


# Sections of serving.md, and what each needs.
SERVING = {
    "A web service": ("fastapi", "httpx"),
    "Batches on Spark": ("pyspark",),
    "Batches on Ray": ("ray",),
}


@pytest.mark.slow
@pytest.mark.parametrize("section", SERVING)
@pytest.mark.filterwarnings("ignore")  # of the engines
def test_serving(section, tmp_path, monkeypatch):
    """A section runs after the beginning of the page, which makes the model."""
    for name in SERVING[section]:
        pytest.importorskip(name)
    monkeypatch.chdir(tmp_path)
    # The processes that an engine starts find this package where this process found it.
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, sys.path)))
    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)
    beginning, *sections = re.split(r"^## ", (DOCS / "serving.md").read_text("utf-8"), flags=re.M)
    [text] = [one for one in sections if one.startswith(section)]
    run_blocks(beginning + text, "serving.md")


def run_blocks(text: str, page: str) -> None:
    """Run the blocks of Python and of commands in a text, in their order."""
    names = {"__name__": "__main__"}
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
