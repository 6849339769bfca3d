"""The site that `make docs` has built, and the parts that build it."""

import importlib
import os
import sys
import zlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
IS_REQUIRED = os.environ.get("TOPICGEN_SITE") == "required"


@pytest.fixture(scope="session")
def site():
    """The folder of the site."""
    folder = ROOT / "build/docs"
    if not (folder / "index.html").is_file():
        message = "there is no site in build/docs; build it with `make docs`"
        if IS_REQUIRED:
            pytest.fail(f"{message} (TOPICGEN_SITE=required)", pytrace=False)
        pytest.skip(message)
    return folder


@pytest.fixture(scope="session")
def described(site):
    """The names in the site's inventory, such as topicgen.corpus.Corpus."""
    content = (site / "objects.inv").read_bytes()
    lines = zlib.decompress(content.split(b"\n", 4)[4]).decode().splitlines()
    return {line.split(" ", 1)[0] for line in lines if " py:" in line}


@pytest.fixture
def extension():
    """``extension(name)``: a module of docs/_extensions."""
    pytest.importorskip("sphinx")

    def extension(name):
        pytest.importorskip("latex2mathml" if name == "mathml" else "sphinx")
        return importlib.import_module(name)

    sys.path.insert(0, str(ROOT / "docs/_extensions"))
    yield extension
    sys.path.remove(str(ROOT / "docs/_extensions"))
