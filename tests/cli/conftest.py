import random
import shutil

import pytest
from click.testing import CliRunner

from topicgen.cli import main

SUBJECTS = {
    "business": "market stocks shares bank profit trade price economy investor rates",
    "sport": "match goal team player coach league season score cup referee",
    "music": "album band song guitar concert singer stage melody chorus drum",
}


@pytest.fixture
def subjects():
    """The words that the documents of each label are made of."""
    return {subject: set(words.split()) for subject, words in SUBJECTS.items()}


@pytest.fixture(scope="session")
def news(tmp_path_factory):
    """A table of 90 documents, each of one subject; columns id, text and subject."""
    rng = random.Random(0)
    path = tmp_path_factory.mktemp("corpus") / "news.csv"
    with path.open("w") as table:
        table.write("id,text,subject\n")
        for number in range(90):
            subject, words = list(SUBJECTS.items())[number % 3]
            table.write(f"d{number},{' '.join(rng.choices(words.split(), k=30))},{subject}\n")
    return str(path)


def _run(*args, **extra):
    return CliRunner().invoke(main, list(map(str, args)), **extra)


@pytest.fixture
def run():
    """``run("fit", path)``: a result with exit_code, stdout and stderr."""
    return _run


@pytest.fixture(scope="session")
def fitted(news, tmp_path_factory):
    """A model folder that no test changes, and what its making printed."""
    folder = tmp_path_factory.mktemp("models") / "news-model"
    result = _run("fit", news, "-k", 3, "-o", folder, "--max-epochs", 30, "--quiet")
    assert result.exit_code == 0, result.stderr
    return folder, result.stdout


@pytest.fixture
def model(fitted, tmp_path):
    """A model folder of this test's own."""
    return shutil.copytree(fitted[0], tmp_path / "news-model")


@pytest.fixture
def refused():
    """``refused(result, *parts)``: status 2, nothing printed but one line that says all parts."""

    def refused(result, *parts):
        assert result.exit_code == 2, result.output
        assert result.stdout == ""
        assert result.stderr.startswith("topicgen: error: ")
        assert result.stderr.count("\n") == 1
        for part in parts:
            assert part in result.stderr, result.stderr

    return refused
