"""What ``transform`` writes does not depend on the blocks that it is written in."""

from importlib import import_module

import numpy as np
import pandas as pd
import pytest

from topicgen import TopicModel
from topicgen.cli.proportions import Inferred, write_proportions

N = 7


def inferred(size: int) -> Inferred:
    """Return proportions of seven documents, so many at a time."""
    shares = np.random.default_rng(0).dirichlet(np.ones(3), N)
    metadata = pd.DataFrame(
        {
            "party": pd.Series([None, None, None, "Con", "Lab", None, "x, y"], dtype=object),
            "day": np.array(
                ["NaT", "2020-01-31", "2020-02-01", *["1999-12-31T23:59"] * 4], "M8[ns]"
            ),
            "n": pd.array([None, None, None, 3, 4, 5, 6], dtype="Int64"),
            "topic_1": np.linspace(0, 1, N),
        }
    )
    blocks = [
        (rows, {"topic": shares[rows], "topic_low": shares[rows] / 2})
        for rows in (slice(at, min(at + size, N)) for at in range(0, N, size))
    ]
    ids = [f"größer{row}" for row in range(N)]
    n_tokens, unknown = np.arange(N), np.where(np.arange(N) == 1, np.nan, 0.25)
    return Inferred(ids, blocks, n_tokens, unknown, [*"ab", "", *"cdef"], metadata)


@pytest.mark.parametrize("size", [1, 2, 3])
def test_csv_of_blocks_is_that_of_all_at_once(size, tmp_path):
    for number, rows in enumerate((size, N)):
        write_proportions(inferred(rows), str(tmp_path / f"{number}.csv"))
    written = (tmp_path / "0.csv").read_text()
    assert written == (tmp_path / "1.csv").read_text()
    lines = written.splitlines()
    assert len(lines) == N + 1
    assert lines[1].endswith(",0.25,a,,,,0.0")
    assert lines[2].endswith(",,b,,2020-01-31 00:00:00,,0.16666666666666666")


@pytest.mark.parametrize("size", [1, 2, 3])
def test_parquet_of_blocks_is_that_of_all_at_once(size, tmp_path):
    for number, rows in enumerate((size, N)):
        write_proportions(inferred(rows), str(tmp_path / f"{number}.parquet"))
    found, whole = (pd.read_parquet(tmp_path / f"{number}.parquet") for number in (0, 1))
    pd.testing.assert_frame_equal(found, whole)
    assert found["input_topic_1"].tolist() == np.linspace(0, 1, N).tolist()
    assert found["party"].isna().tolist() == [True] * 3 + [False, False, True, False]
    assert str(found["n"].dtype) == "Int64"


@pytest.mark.parametrize("size", [1, 2, 3])
def test_arrays_of_blocks_are_those_of_all_at_once(size, tmp_path):
    for number, rows in enumerate((size, N)):
        write_proportions(inferred(rows), str(tmp_path / f"{number}.npz"))
    with np.load(tmp_path / "0.npz") as found, np.load(tmp_path / "1.npz") as whole:
        assert list(found) == list(whole)
        assert list(found)[:5] == ["ids", "n_tokens", "unknown_share", "doc_topic", "doc_topic_low"]
        for name in found:
            np.testing.assert_array_equal(found[name], whole[name])
            assert found[name].dtype == whole[name].dtype
        np.testing.assert_array_equal(found["doc_topic"], inferred(N).blocks[0][1]["topic"])
        assert found["ids"].tolist() == inferred(N).ids
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0.npz", "1.npz"]


def test_proportions_are_those_of_the_facade_however_many_are_inferred_at_once(
    run, news, model, tmp_path, monkeypatch
):
    texts = pd.read_csv(news)["text"].tolist() * 30 + [""]
    (tmp_path / "texts.txt").write_text("\n".join(texts) + "\n")
    expected = TopicModel.load(model).transform(texts)
    for most in (1024, 2**16):
        monkeypatch.setattr(import_module("topicgen.cli.transform"), "_MOST_DOCUMENTS", most)
        path = tmp_path / f"{most}.parquet"
        assert run("transform", model, tmp_path / "texts.txt", "-o", path).exit_code == 0
        found = pd.read_parquet(path)
        np.testing.assert_array_equal(found.to_numpy()[:, 1:4].astype(float), expected)
        assert found["n_tokens"].tolist() == [30] * 2700 + [0]
