import urllib.error
import urllib.request

import pytest
from click.testing import CliRunner

from topicgen.cli.get import get
from topicgen.cli.program import Program
from topicgen.corpus.catalog import list_cards


@pytest.fixture
def run():
    program = Program("topicgen", commands={"get": get})
    return lambda *args: CliRunner().invoke(program, ["get", *map(str, args)])


@pytest.fixture(autouse=True)
def offline(monkeypatch):
    def urlopen(url, timeout):
        raise urllib.error.URLError("no network")

    monkeypatch.setattr(urllib.request, "urlopen", urlopen)


def test_without_a_name_the_corpora_are_listed(run):
    result = run()
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0].split()[:2] == ["corpus", "documents"]
    assert [line.split()[0] for line in lines[1:]] == [card.name for card in list_cards()]
    assert "18,846" in lines[1]
    assert lines[1].endswith("the network")


def test_a_corpus_is_written_where_it_is_asked_for(run, tmp_path):
    result = run("sample", "-o", tmp_path / "mine.txt")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "60 documents" in result.stderr
    assert "mine.txt" in result.stderr
    assert (tmp_path / "mine.txt").read_text().count("\n") == 60


def test_a_corpus_has_a_name_of_its_own(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run("lee").exit_code == 0
    assert [path.name for path in tmp_path.iterdir()] == ["lee.txt"]


def test_mistakes_take_a_line(run, refused, tmp_path):
    refused(run("enron"), "there is no corpus named", "named 'enron'")
    refused(run("-o", tmp_path / "x"), "-o needs the NAME of a corpus", "to list them")
    refused(run("sample", "-o", tmp_path), "already exists")


def test_being_offline_takes_a_line(run, tmp_path):
    result = run("20newsgroups", "-o", tmp_path / "posts")
    assert (result.exit_code, result.stdout) == (2, "")
    downloading, error = result.stderr.splitlines()
    assert downloading.startswith("topicgen: downloading https://")
    assert error.startswith("topicgen: error: cannot download the corpus '20newsgroups'")
    assert list(tmp_path.iterdir()) == []
