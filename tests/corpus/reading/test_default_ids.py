"""Ids of tables whose column of ids is not named: those of a column "id", else numbers of rows."""

import gzip
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from topicgen.corpus import read_documents

FORMATS = [".csv", ".tsv", ".json", ".jsonl", ".parquet", ".csv.gz"]


@pytest.fixture(params=FORMATS)
def write(request, tmp_path):
    """Return a function that writes rows as a table of one of the formats."""
    suffix = request.param

    def write(rows):
        path = tmp_path / f"letters{suffix}"
        if suffix == ".parquet":
            pq.write_table(pa.Table.from_pylist(rows), path)
        elif suffix == ".json":
            path.write_text(json.dumps(rows))
        elif suffix == ".jsonl":
            path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        else:
            mark = "\t" if suffix == ".tsv" else ","
            lines = [
                list(rows[0]),
                *(["" if v is None else v for v in row.values()] for row in rows),
            ]
            data = "".join(mark.join(map(str, line)) + "\n" for line in lines).encode()
            path.write_bytes(gzip.compress(data) if suffix.endswith("gz") else data)
        return path

    return write


def rows_of(*ids):
    return [{"id": id, "text": text, "n": 3} for id, text in zip(ids, "abc", strict=True)]


def ids_of(path, **options):
    return [document.id for document in read_documents(path, **options)]


def test_a_column_id_holds_the_ids(write):
    path = write(rows_of("L0001", "L0002", "L0924"))
    assert ids_of(path) == ["L0001", "L0002", "L0924"]
    assert ids_of(path, id_column="n") == ["3", "3", "3"]
    assert ids_of(write(rows_of(7, 8, 9))) == ["7", "8", "9"]


def test_a_row_without_an_id_has_its_number(write):
    assert ids_of(write(rows_of("x", None, "NA"))) == ["x", "2", "3"]


def test_ids_need_not_be_distinct(write):
    assert ids_of(write(rows_of("x", "x", "y"))) == ["x", "x", "y"]


def test_other_columns_are_not_taken_for_ids(write):
    assert ids_of(write([{"ID": "x", "text": "a", "id_": "y"}])) == ["1"]


def test_ids_are_not_metadata_unless_they_are_named(write):
    path = write(rows_of("x", "y", "z"))
    assert [*next(read_documents(path, keep="all")).metadata] == ["n"]
    assert [*next(read_documents(path, keep=["id", "n"])).metadata] == ["id", "n"]
    assert [*next(read_documents(path, keep=["all", "id"])).metadata] == ["id", "n"]


def test_texts_may_be_in_the_column_id(write):
    path = write(rows_of("alpha", "beta", "gamma"))
    found = read_documents(path, column="id")
    assert [document[:2] for document in found] == [("alpha", "1"), ("beta", "2"), ("gamma", "3")]


@pytest.mark.parametrize("suffix", [".json", ".jsonl", ".parquet"])
def test_values_that_are_no_ids_leave_the_numbers(tmp_path, refuses, suffix):
    rows = [{"id": {"$oid": "5f"}, "text": "a"}, {"id": {"$oid": "60"}, "text": "b"}]
    path = tmp_path / f"a{suffix}"
    if suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist(rows), path)
    else:
        path.write_text("\n".join(map(json.dumps, rows)))
    assert ids_of(path) == ["1", "2"]
    with refuses("strings or numbers" if suffix == ".parquet" else "a string or a number", "'id'"):
        ids_of(path, id_column="id")


def test_a_parquet_file_with_two_columns_id_has_numbers(tmp_path):
    path = tmp_path / "a.parquet"
    table = pa.Table.from_arrays([pa.array(["x"])] * 3, ["id", "text", "id"])
    pq.write_table(table, path)
    assert ids_of(path) == ["1"]
