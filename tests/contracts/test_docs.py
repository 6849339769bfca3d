"""The examples in the documentation are true."""

import doctest
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"


PAGES = ["effects.md", "formulas.md", "over_time.md", "reading.md", "report.md", "scores.md"]


@pytest.mark.parametrize("page", PAGES)
def test_examples_run(page):
    results = doctest.testfile(str(DOCS / page), module_relative=False, encoding="utf-8")
    assert results.attempted > 0
    assert results.failed == 0
