"""The examples in the documentation are true."""

import doctest
import re
from pathlib import Path

import pytest

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
