import json
import re
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from topicgen import Corpus


@pytest.fixture
def dated(news, tmp_path):
    """The table of the news with a column of years."""
    path = tmp_path / "dated.csv"
    header, *rows = Path(news).read_text().splitlines()
    lines = [f"{row},{1999 + number // 9}" for number, row in enumerate(rows)]
    path.write_text("\n".join([f"{header},year", *lines]) + "\n")
    return path


def data_of(path):
    page = path.read_text("utf-8")
    found = re.search('<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    return json.loads(found[1])


def test_writes_a_page(run, model, news, tmp_path):
    path = tmp_path / "page.html"
    result = run("report", model, news, "-o", path, "--id-column", "id", "--column", "text")
    assert result.exit_code == 0, result.stderr
    assert result.stdout == ""
    assert "wrote" in result.stderr
    data = data_of(path)
    assert data["documents"]["ids"][:2] == ["d0", "d1"]
    assert data["documents"]["columns"] == []  # none was asked for
    assert "<title>news.csv</title>" in path.read_text("utf-8")
    first = Path(news).read_text().splitlines()[1].split(",")[1]
    assert data["documents"]["excerpts"][0] == first
    assert "".join(data["topics"][0]["passages"][0]["parts"]).rstrip(" …") in Path(news).read_text()


def test_keeps_columns_and_finds_the_dates(run, model, dated, tmp_path):
    path = tmp_path / "page.html"
    of_text = ["--column", "text", "--title", "Some <news>"]
    result = run("report", model, dated, "-o", path, "--keep", "subject,year", *of_text)
    assert result.exit_code == 0, result.stderr
    data = data_of(path)
    assert [column["name"] for column in data["documents"]["columns"]] == ["subject", "year"]
    assert data["time"]["name"] == "year"
    assert data["time"]["labels"] == ["1990s", "2000s"]
    assert data["time"]["documents"] == [9, 81]
    assert "<title>Some &lt;news&gt;</title>" in path.read_text("utf-8")


def test_the_column_of_dates_is_read_without_being_kept(run, model, dated, tmp_path):
    path = tmp_path / "page.html"
    result = run("report", model, dated, "-o", path, "--column", "text", "--over-time", "year")
    assert result.exit_code == 0, result.stderr
    assert data_of(path)["time"]["name"] == "year"


def test_a_corpus_of_counts_shows_words_in_place_of_passages(run, model, tmp_path):
    words = ["market", "stocks", "match", "goal", "album", "band"]
    counts = np.random.default_rng(0).poisson(2.0, (12, 6))
    Corpus(csr_matrix(counts), words, list(map(str, range(12)))).save(tmp_path / "corpus")
    path = tmp_path / "page.html"
    result = run("report", model, tmp_path / "corpus", "-o", path)
    assert result.exit_code == 0, result.stderr
    data = data_of(path)
    assert data["documents"]["texts"] is False
    assert set(re.findall("[a-z]+", data["documents"]["excerpts"][0])) <= set(words)


def test_standard_input_can_be_reported_on(run, model, tmp_path):
    path = tmp_path / "page.html"
    result = run("report", model, "-", "-o", path, input="market stocks\nmatch goal team\n")
    assert result.exit_code == 0, result.stderr
    assert data_of(path)["documents"]["excerpts"] == ["market stocks", "match goal team"]


def test_shows_at_most_so_many_documents(run, model, news, tmp_path):
    path = tmp_path / "page.html"
    result = run("report", model, news, "-o", path, "--column", "text", "--most-documents", 20)
    assert result.exit_code == 0, result.stderr
    assert len(data_of(path)["documents"]["ids"]) == 20
    assert "20 of 90 documents" in path.read_text("utf-8")


def test_mistakes_are_one_line_and_write_nothing(run, refused, model, news, dated, tmp_path):
    path = tmp_path / "page.html"
    refused(run("report", tmp_path / "nope", news, "-o", path), "nope")
    refused(run("report", model, tmp_path / "nope.csv", "-o", path), "nope.csv")
    of_text = ["--column", "text", "-o", path]
    refused(run("report", model, dated, *of_text, "--over-time", "when"), "'when'")
    refused(run("report", model, dated, *of_text, "--over-time", "subject"), "subject", "date")
    refused(run("report", model, news, "-o", tmp_path / "no" / "page.html"), "does not exist")
    refused(run("report", model, news, *of_text, "--most-documents", 0), "positive integer")
    assert not path.exists()


def test_a_page_is_not_overwritten_unasked(run, refused, model, news, tmp_path):
    path = tmp_path / "page.html"
    path.write_text("mine")
    refused(run("report", model, news, "--column", "text", "-o", path), "already exists")
    assert path.read_text() == "mine"
    result = run("report", model, news, "--column", "text", "-o", path, "--overwrite")
    assert result.exit_code == 0, result.stderr
    assert path.read_text("utf-8").startswith("<!doctype html>")


def test_warns_of_documents_without_known_words(run, model, tmp_path):
    texts, path = tmp_path / "texts.txt", tmp_path / "page.html"
    texts.write_text("xylophone quokka\nzither\n")
    result = run("report", model, texts, "-o", path)
    assert result.exit_code == 0
    assert "found no word of the model's vocabulary in 2 of 2 documents" in result.stderr
    assert data_of(path)["documents"]["ids"] == ["1", "2"]
