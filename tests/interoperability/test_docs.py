"""The examples of docs/interoperability.md are true."""

import doctest
import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "interoperability.md"
BEGINNING, *SECTIONS = re.split(r"^## ", PAGE.read_text("utf-8"), flags=re.M)

# The packages that the examples of a section need.
NEEDS = {
    "pyLDAvis": ["pyLDAvis"],
    "BERTopic": ["bertopic"],
    "OCTIS": ["octis"],
    "gensim": ["gensim"],
    "scikit-learn": ["sklearn"],
    "Pyro": ["pyro"],
    "AnnData": ["anndata"],
    "Data frames": ["polars"],
    "tomotopy and topica": ["topica"],
}
EXAMPLES = {text.partition("\n")[0]: text for text in SECTIONS if ">>>" in text}


def run(text, title, names):
    """Run the examples of a text, and return the names that are then defined."""
    test = doctest.DocTestParser().get_doctest(text, names, title, str(PAGE), 0)
    results = doctest.DocTestRunner().run(test, clear_globs=False)
    assert results.failed == 0
    assert results.attempted > 4
    return test.globs


@pytest.fixture(scope="module")
def beginning():
    return run(BEGINNING, "the beginning", {})


def test_every_section_says_what_it_needs():
    assert EXAMPLES.keys() == NEEDS.keys()


@pytest.mark.parametrize("title", EXAMPLES)
def test_examples_run(title, beginning, tmp_path, monkeypatch):
    """Those of a section run after the beginning of the page."""
    for package in NEEDS[title]:
        pytest.importorskip(package, reason=f"{package} is not installed: see the page")
    monkeypatch.chdir(tmp_path)
    run(EXAMPLES[title], title, beginning)
