import json

import pyarrow
import pyarrow.parquet
import pytest

from topicgen.corpus import read_documents


@pytest.fixture
def folder(tmp_path):
    for name in ("b/2.txt", "a/1.txt", "3.txt"):
        path = tmp_path / "speeches" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"text of {name}")
    return tmp_path / "speeches"


@pytest.fixture
def table(tmp_path):
    def write(text, name="about.csv"):
        path = tmp_path / name
        path.write_text(text)
        return path

    return write


def test_rows_are_joined_by_their_ids_whatever_their_order(folder, table):
    path = table("party,id,year\nLab,b/2.txt,1999\nCon,3,2001\nLib,a/1.txt,2000\n")
    found = {d.id: d.metadata for d in read_documents(folder, metadata=path)}
    assert found == {
        "3.txt": {"party": "Con", "year": "2001"},
        "a/1.txt": {"party": "Lib", "year": "2000"},
        "b/2.txt": {"party": "Lab", "year": "1999"},
    }
    some = list(read_documents(folder, metadata=path, keep="year"))
    assert [document.metadata for document in some] == [
        {"year": "2001"}, {"year": "2000"}, {"year": "1999"},
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["about.jsonl", "about.json", "about.parquet"])
def test_ids_may_be_numbers(table, tmp_path, name):
    texts, rows = table("one\ntwo\n", "texts.txt"), [{"id": 2, "n": "b"}, {"id": 1, "n": "a"}]
    path = tmp_path / name
    if name.endswith(".parquet"):
        pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), path)
    else:
        path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    assert [d.metadata for d in read_documents(texts, metadata=path)] == [{"n": "a"}, {"n": "b"}]


def test_paths_are_the_same_however_they_are_written(tmp_path, table):
    for name in ("cafe\u0301.txt", "b/2.txt", "3.txt"):
        path = tmp_path / "speeches" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("text")
    about = table("id,n\ncaf\u00e9,a\nb\\2.txt,b\n./3.txt,c\n")
    found = [d.metadata for d in read_documents(tmp_path / "speeches", metadata=about)]
    assert found == [{"n": "c"}, {"n": "a"}, {"n": "b"}]


def test_row_belongs_to_one_document(table, tmp_path, refuses, monkeypatch):
    monkeypatch.chdir(tmp_path)
    table("one\n", "a.txt"), table("two\n", "b.txt")
    with refuses("got one with '1'", "'a.txt:1' and 'b.txt:1'", "in full"):
        list(read_documents("a.txt", "b.txt", metadata=table("id,n\n1,x\n")))
    found = read_documents("a.txt", "b.txt", metadata=table("id,n\nb.txt:1,y\na.txt:1,x\n"))
    assert [(d.id, d.metadata) for d in found] == [("a.txt:1", {"n": "x"}), ("b.txt:1", {"n": "y"})]


def test_the_column_of_the_ids_is_named_and_lines_have_numbers(table):
    texts = table("one\ntwo\n", "texts.txt")
    path = table("line;n\n2;b\n1;a\n")
    found = list(read_documents(texts, metadata=path, id_column="line"))
    assert [document.metadata["n"] for document in found] == ["a", "b"]
    path = table('{"id": "2", "n": 2}\n{"id": "1", "n": 1}\n', "about.jsonl")
    assert [d.metadata["n"] for d in read_documents(texts, metadata=path)] == [1, 2]


def test_a_document_without_a_row_is_refused(folder, table, refuses):
    path = table("id,n\n3,1\na/1,2\n")
    with refuses("a row for each document in", "none with 'b/2.txt'", "--id-column"):
        list(read_documents(folder, metadata=path))
    with refuses("a column 'file'", "'id', 'n'"):
        list(read_documents(folder, metadata=path, id_column="file"))
    with refuses("a column 'party'"):
        list(read_documents(folder, metadata=path, keep=["party"]))


def test_a_row_without_a_document_is_said(folder, table):
    path = table("id,n\n3,1\na/1,2\nb/2,3\nx,4\n")
    with pytest.warns(UserWarning, match="1 of 4 rows of .* belongs to no document, first 'x'"):
        assert len(list(read_documents(folder, metadata=path))) == 3


def test_ids_are_distinct(folder, table, refuses):
    with refuses("a distinct id in each row", "got '3' twice"):
        list(read_documents(folder, metadata=table("id,n\n3,1\n3,2\n")))
    with refuses("got none in the column 'id'"):
        list(read_documents(folder, metadata=table("id,n\n3,1\n,2\n")))


def test_a_table_of_texts_has_columns_of_its_own(table, refuses):
    texts, path = table("text,n\na,1\n", "texts.csv"), table("id,n\n1,1\n")
    with refuses("for texts in files or lines", "--keep"):
        list(read_documents(texts, metadata=path))
    with refuses("expected a table", "of metadata"):
        list(read_documents(texts, metadata=table("x", "about.txt")))
    with refuses("expected a table", "with the column 'speech'"):
        list(read_documents(table("a\n", "a.txt"), metadata=path, column="speech"))
