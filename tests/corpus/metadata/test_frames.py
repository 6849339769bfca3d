import numpy as np
import pandas as pd
import pytest

from topicgen.corpus.metadata.frames import as_metadata, beside, choose, read_frame, write_frame

INDICES = {
    "shuffled": [2, 0, 1],
    "filtered": [5, 17, 90],
    "duplicated": [0, 0, 0],
    "strings": ["c", "a", "b"],
}


@pytest.mark.parametrize("index", INDICES.values(), ids=INDICES)
def test_an_index_is_never_aligned(index):
    frame = pd.DataFrame({"n": [10, 20, 30]}, index=index)
    found = as_metadata(frame, 3)
    assert found["n"].tolist() == [10, 20, 30]
    assert found.index.tolist() == [0, 1, 2]
    assert frame.index.tolist() == index
    columns = {"n": frame["n"], "m": pd.Series([1, 2, 3], index=[7, 8, 9]), "k": ["x", "y", "z"]}
    assert as_metadata(columns, 3).to_numpy().tolist() == [[10, 1, "x"], [20, 2, "y"], [30, 3, "z"]]
    assert as_metadata(frame["n"], 3)["n"].tolist() == [10, 20, 30]
    table = beside(pd.DataFrame({"id": list("abc")}, index=index), found)
    assert table["n"].tolist() == [10, 20, 30]
    assert table.index.tolist() == index


def test_frames_of_other_libraries():
    pyarrow = pytest.importorskip("pyarrow")
    assert as_metadata(pyarrow.table({"n": [1, 2]}), 2)["n"].tolist() == [1, 2]
    polars = pytest.importorskip("polars")
    assert as_metadata(polars.DataFrame({"n": [1, 2]}), 2)["n"].tolist() == [1, 2]


def test_what_is_no_metadata_is_refused(refuses):
    with refuses("metadata with 3 rows, one for each document", "got 2", "pass the rows"):
        as_metadata(pd.DataFrame({"n": [1, 2]}), 3)
    with refuses("'n' more than once", "rename all but one"):
        as_metadata(pd.DataFrame([[1, 2]], columns=["n", "n"]), 1)
    with refuses("columns of one length, got [1, 2]"):
        as_metadata({"a": [1], "b": [1, 2]}, 2)
    for strange in ([1, 2], "text", np.ones((2, 2))):
        with refuses("a data frame or a mapping", "pass pd.DataFrame(...)"):
            as_metadata(strange, 2)


def test_columns_are_chosen_by_name(refuses):
    frame = pd.DataFrame({"date": [1], "party": ["x"]})
    assert list(choose(frame, "party").columns) == ["party"]
    assert list(choose(frame, ["party", "date"]).columns) == ["party", "date"]
    assert choose(frame, "all") is frame
    with refuses("a column 'year', got 'date', 'party'", "name one of these"):
        choose(frame, ["year"])
    with refuses("got a corpus without", "--keep"):
        choose(None, "all")


def test_columns_of_a_table_keep_their_names():
    table = pd.DataFrame({"id": ["a"], "input_id": [0]})
    found = beside(table, pd.DataFrame({"id": [7], "year": [1999]}))
    assert list(found.columns) == ["id", "input_id", "input_input_id", "year"]
    assert found.iloc[0].tolist() == ["a", 0, 7, 1999]
    assert beside(table, None) is table


def test_a_frame_comes_back_as_it_was(tmp_path, refuses):
    frame = pd.DataFrame(
        {
            "party": pd.Categorical(["Con", "Lab", None], categories=["Lab", "Con"], ordered=True),
            "n": pd.array([1, None, 3], dtype="Int64"),
            "date": pd.to_datetime(["2020-01-31", None, "1790-01-08"]),
            "text": ["a", None, "ü"],
            "x": [0.5, np.nan, 2.0],
            "flag": [True, False, True],
        }
    )
    kinds = write_frame(frame, tmp_path / "metadata.arrow")
    assert list(kinds.values()) == ["category", "integer", "date", "text", "number", "boolean"]
    found = read_frame(tmp_path / "metadata.arrow")
    pd.testing.assert_frame_equal(found, frame, check_dtype=False)
    assert found["party"].cat.ordered
    assert found["n"].dtype == "Int64"
    with refuses("the metadata column 'x'", "give all its values one type"):
        write_frame(pd.DataFrame({"x": [1, "a"]}), tmp_path / "metadata.arrow")
