import datetime
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from topicgen.corpus import Corpus, Vectorizer, read_documents

ROWS = [("a b", 1999, "007", "2020-01-31"), ("", None, "12", None), ("c", 2020, "x", "2020-02-01")]


@pytest.fixture(params=[".csv", ".tsv", ".json", ".jsonl", ".parquet", ".csv.gz"])
def table(request, tmp_path):
    """A table of three documents, the second one empty."""
    path = tmp_path / f"speeches{request.param}"
    names = ["text", "year", "code", "date"]
    if request.param == ".parquet":
        dates = [None if row[3] is None else datetime.date.fromisoformat(row[3]) for row in ROWS]
        columns = [[row[i] for row in ROWS] for i in range(3)]
        pq.write_table(pa.table(dict(zip(names, [*columns, dates], strict=True))), path)
    elif request.param == ".json":
        path.write_text(json.dumps([dict(zip(names, row, strict=True)) for row in ROWS]))
    elif request.param == ".jsonl":
        lines = [json.dumps(dict(zip(names, row, strict=True))) for row in ROWS]
        path.write_text("\n".join(lines))
    else:
        import gzip

        mark = "\t" if request.param == ".tsv" else ","
        text = "\n".join(
            mark.join("" if value is None else str(value) for value in row)
            for row in (names, *ROWS)
        )
        data = text.encode()
        path.write_bytes(gzip.compress(data) if request.param.endswith("gz") else data)
    return path


def metadata_of(*sources, **options):
    vectorizer = Vectorizer(token_pattern=r"\w+", stop_words=None)
    return Corpus.from_documents(read_documents(*sources, **options), vectorizer).metadata


@pytest.mark.parametrize("keep", ["all", ["year", "code", "date"]])
def test_columns_are_kept_with_their_types(table, keep):
    found = metadata_of(table, keep=keep)
    assert list(found.columns) == ["year", "code", "date"]
    assert str(found["year"].dtype) == "Int64"
    assert found["year"].isna().tolist() == [False, True, False]
    assert found["code"].tolist() == ["007", "12", "x"]
    assert found["date"].dt.day.fillna(0).tolist() == [31, 0, 1]


def test_only_what_is_asked_for_is_kept(table):
    assert list(metadata_of(table, keep="code").columns) == ["code"]
    assert list(metadata_of(table, keep=["date", "code"]).columns) == ["date", "code"]
    assert metadata_of(table) is None
    documents = list(read_documents(table, keep=["code"], id_column="code"))
    assert [document.id for document in documents] == ["007", "12", "x"]
    assert documents[0].metadata == {"code": "007"}
    assert documents[0] == ("a b", "007", None)
    all_but_id = metadata_of(table, keep="all", id_column="code", label_column="year")
    assert list(all_but_id.columns) == ["year", "date"]


def test_a_column_that_does_not_exist_is_refused(table, refuses):
    with refuses("a column 'party'", "'text', 'year', 'code', 'date'"):
        list(read_documents(table, keep=["year", "party"]))


def test_a_field_that_some_objects_lack_is_missing(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "a"}\n{"text": "b", "n": 2}\n{"text": "c", "m": 1.5}\n')
    found = metadata_of(path, keep=["n"])
    assert found["n"].isna().tolist() == [True, False, True]
    assert list(metadata_of(path, keep="all").columns) == ["n", "m"]


def test_several_tables_are_put_one_below_the_other(tmp_path):
    (tmp_path / "a.csv").write_text("text,n\na,1\nb,2\n")
    (tmp_path / "b.csv").write_text("n,text,m\n2.5,c,x\n")
    found = metadata_of(tmp_path / "a.csv", tmp_path / "b.csv", keep="all")
    assert found["n"].tolist() == [1.0, 2.0, 2.5]
    assert found["m"].isna().tolist() == [True, True, False]
    ids = [d.id for d in read_documents(tmp_path / "a.csv", tmp_path / "b.csv", keep="n")]
    assert ids[-1].endswith("b.csv:1")


def test_texts_without_columns_have_nothing_to_keep(tmp_path, refuses):
    (tmp_path / "a.txt").write_text("a bank\n")
    for source in (tmp_path, tmp_path / "a.txt"):
        with refuses("expected a table", "with columns to keep", "--keep"):
            list(read_documents(source, keep="all"))


def test_columns_without_a_name_are_not_all(tmp_path):
    (tmp_path / "a.csv").write_text(",text,n\n0,a,1\n1,b,2\n")
    assert list(metadata_of(tmp_path / "a.csv", keep="all").columns) == ["n"]


def test_names_are_checked_before_anything_is_read(refuses):
    for strange in ([], [""], [1], [None]):
        with refuses("names of columns to keep, or 'all'"):
            next(read_documents("no-such-file", keep=strange))
    with refuses("'n' is listed twice"):
        next(read_documents("no-such-file", keep=["n", "n"]))


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
def test_accents_of_names_may_be_composed_or_not(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    text, size = "te\u0301xt", "gro\u0308ße"
    if suffix == ".csv":
        path.write_text(f"{text},{size}\nalpha,1\n", encoding="utf-8")
    elif suffix == ".jsonl":
        path.write_text(f'{{"{text}": "alpha", "{size}": "1"}}\n', encoding="utf-8")
    else:
        pq.write_table(pa.table({text: ["alpha"], size: ["1"]}), path)
    (found,) = read_documents(path, column="t\u00e9xt", keep=["gr\u00f6ße"])
    assert (found.text, found.metadata) == ("alpha", {"gr\u00f6ße": "1"})
