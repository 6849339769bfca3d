import csv
import importlib.util
import os
import re

import numpy as np
import pandas as pd
import pytest

from topicgen import TopicModel


@pytest.fixture
def theta(news, model):
    """What the facade says of the documents, and their ids."""
    table = pd.read_csv(news)
    return TopicModel.load(model).transform(table["text"].tolist()), table["id"].tolist()


def test_csv_keeps_every_digit(run, news, model, theta, tmp_path):
    path = tmp_path / "theta.csv"
    result = run("transform", model, news, "-o", path, "--id-column", "id")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")
    header, *rows = csv.reader(path.read_text().splitlines())
    assert header == ["id", "topic_0", "topic_1", "topic_2"]
    assert [row[0] for row in rows] == theta[1]
    np.testing.assert_array_equal(np.array([row[1:] for row in rows], dtype=float), theta[0])


def test_csv_goes_to_standard_output_by_default(run, news, model, theta):
    result = run("transform", model, news)
    lines = result.stdout.splitlines()
    assert lines[0] == "id,topic_0,topic_1,topic_2"
    assert [line.split(",")[0] for line in lines[1:]] == [str(row) for row in range(1, 91)]


def test_npz(run, news, model, theta, tmp_path):
    path = tmp_path / "theta.npz"
    assert run("transform", model, news, "-o", path, "--id-column", "id").exit_code == 0
    with np.load(path, allow_pickle=False) as arrays:
        np.testing.assert_array_equal(arrays["doc_topic"], theta[0])
        assert arrays["ids"].tolist() == theta[1]


def test_parquet(run, refused, news, model, theta, tmp_path):
    path = tmp_path / "theta.parquet"
    result = run("transform", model, news, "-o", path)
    if importlib.util.find_spec("pyarrow") is None:
        refused(result, "expected pyarrow", "pip install pyarrow, or write .csv or .npz")
    else:
        np.testing.assert_array_equal(pd.read_parquet(path).to_numpy()[:, 1:], theta[0])


@pytest.mark.parametrize("name", ["theta", "theta.xlsx", "theta.csv.gz"])
def test_an_unknown_suffix_is_refused_before_anything_is_read(run, refused, name):
    refused(run("transform", "no model", "no input", "-o", name), ".csv, .parquet, .npz", name)


def test_a_file_that_exists_needs_overwrite(run, refused, news, model, tmp_path):
    path = tmp_path / "theta.csv"
    path.write_text("old")
    refused(run("transform", model, news, "-o", path), "theta.csv' already exists", "--overwrite")
    assert path.read_text() == "old"
    assert run("transform", model, news, "-o", path, "--overwrite").exit_code == 0
    assert path.read_text().startswith("id,topic_0,")
    assert sorted(os.listdir(tmp_path)) == ["news-model", "theta.csv"]


def test_documents_without_known_words_keep_their_row_and_are_counted(run, model):
    result = run("transform", model, "-", input="market shares\n\nunheard of\n")
    assert result.exit_code == 0
    assert [line.split(",")[0] for line in result.stdout.splitlines()] == ["id", "1", "2", "3"]
    assert re.fullmatch(
        r"topicgen: warning: found no word .* in 2 of 3 documents; .*\n", result.stderr
    )


def test_a_model_of_counts_is_refused(run, refused, tmp_path):
    rng = np.random.default_rng(0)
    TopicModel(2, max_epochs=1, random_state=0).fit(rng.poisson(1.0, (40, 12))).save(tmp_path / "m")
    for command in ("transform", "evaluate"):
        refused(
            run(command, tmp_path / "m", "-", input="words\n"),
            "fitted to counts and cannot read texts",
        )
