import datetime
import random
from io import BytesIO

import pyarrow
import pyarrow.parquet
import pytest

from topicgen.corpus import read_documents
from topicgen.corpus.reading.parquet import read_parquet
from topicgen.corpus.reading.tables import Columns


@pytest.fixture
def read(tmp_path):
    def read(table, *columns, **options):
        path = tmp_path / "news.parquet"
        pyarrow.parquet.write_table(pyarrow.table(table), path, **options)
        return [tuple(document) for document in read_parquet(path, Columns(*columns))]

    return read


NEWS = {"no": [7, None], "text": ["Stocks rose.", ""], "topic": ["business", None]}


def test_columns_by_name(read):
    assert read(NEWS, "text", "no", "topic") == [("Stocks rose.", "7", "business"), ("", "2", None)]


def test_one_column_may_serve_twice(read):
    assert read(NEWS, None, "topic", "topic")[0] == ("Stocks rose.", "business", "business")


def test_text_or_the_only_column_is_the_default(read):
    assert read(NEWS)[1] == ("", "2", None)
    assert read({"body": ["word"]}) == [("word", "1", None)]


@pytest.mark.parametrize(
    "kind",
    [
        pyarrow.string(),
        pyarrow.large_string(),
        pyarrow.string_view(),
        pyarrow.dictionary(pyarrow.int32(), pyarrow.string()),
    ],
)
def test_strings_of_every_type(read, kind):
    try:
        table = pyarrow.table({"text": pyarrow.array(["a", "b"]).cast(kind)})
        pyarrow.parquet.write_table(table, BytesIO())
    except pyarrow.ArrowNotImplementedError as error:
        pytest.skip(f"this pyarrow cannot write the type: {error}")
    assert read({"text": table["text"]})[1] == ("b", "2", None)


def test_labels_may_be_numbers_and_dates(read):
    table = {"text": ["a"], "year": [2004], "day": [datetime.date(2004, 5, 1)]}
    assert read(table, "text", "day", "year") == [("a", "2004-05-01", "2004")]


def test_rows_are_counted_through_batches_and_row_groups(read):
    rows = read({"text": [str(i) for i in range(1, 3001)]}, row_group_size=700)
    assert all(text == id_ for text, id_, _ in rows)
    assert len(rows) == 3000


def test_it_is_a_source_of_documents(tmp_path, refuses):
    pyarrow.parquet.write_table(pyarrow.table(NEWS), tmp_path / "a.PARQUET")
    assert next(read_documents(tmp_path / "a.PARQUET", label_column="topic")).label == "business"
    with refuses(
        "text files in the folder", "1 .parquet file", "a.PARQUET')", "pass tables by their names"
    ):
        list(read_documents(tmp_path))


def test_table_without_rows_is_refused(tmp_path, refuses):
    pyarrow.parquet.write_table(
        pyarrow.table({"text": pyarrow.array([], "string")}), tmp_path / "a.parquet"
    )
    with refuses("got none in", "a.parquet'"):
        list(read_documents(tmp_path / "a.parquet"))


@pytest.mark.parametrize("columns", [("body",), (None, "body"), (None, None, "body")])
def test_unknown_column_is_refused_with_those_there_are(read, refuses, columns):
    with refuses("a column 'body'", "the columns 'no', 'text', 'topic' in", "news.parquet'"):
        read(NEWS, *columns)


def test_no_default_column_is_refused(read, refuses):
    with refuses("a column 'text'", "the columns 'a', 'b'", "say which"):
        read({"a": ["x"], "b": ["y"]})


@pytest.mark.parametrize("values", [[1], [0.5], [None], [["a"]], [b"a"], [{"a": "b"}]])
def test_text_column_of_another_type_is_refused(read, refuses, values):
    kind = str(pyarrow.array(values).type)
    with refuses("strings in the column 'text'", f"got {kind.partition('<')[0]}", "news.parquet'"):
        read({"text": values})


def test_label_of_bytes_is_refused(read, refuses):
    with refuses("strings or numbers in the column 'l'", "got binary", "name another"):
        read({"text": ["a"], "l": [b"x"]}, None, None, "l")


def test_nested_label_is_refused(read, refuses):
    with refuses("strings or numbers in the column 'tags'", "got list<", "name another"):
        read({"text": ["a"], "tags": [["x"]]}, None, None, "tags")


def test_null_texts_are_empty_documents_which_one_warning_counts(read):
    with pytest.warns(UserWarning, match=r"2 of 1,004 rows of .*news.parquet.*'text' is null") as w:
        rows = read({"text": ["a"] * 1002 + [None, None]})
    assert rows[1001:] == [("a", "1002", None), ("", "1003", None), ("", "1004", None)]
    assert len(w) == 1


def test_missing_labels_are_missing(read):
    labels = pyarrow.array([1.0, float("nan"), None])
    assert [row[2] for row in read({"text": ["a"] * 3, "l": labels}, None, None, "l")] == [
        "1.0",
        None,
        None,
    ]
    labels = ["x", "", "NaN", "None", "<NA>", None]
    assert [row[2] for row in read({"text": ["a"] * 6, "l": labels}, None, None, "l")] == [
        "x",
        *[None] * 5,
    ]


def test_two_columns_of_one_name_are_refused_where_that_is_asked_for(tmp_path, refuses):
    path = tmp_path / "a.parquet"
    arrays = [pyarrow.array([value]) for value in ("alpha", "x", "y", "beta")]
    table = pyarrow.table(arrays, names=["text", "l", "l", "body"])
    pyarrow.parquet.write_table(table, path)
    assert [d.text for d in read_parquet(path, Columns())] == ["alpha"]
    with refuses("distinct column names", "'l' more than once", "a.parquet'", "rename"):
        list(read_parquet(path, Columns(label="l")))
    pyarrow.parquet.write_table(table.rename_columns(["text", "a", "b", "text"]), path)
    with refuses("'text' more than once"):
        list(read_parquet(path, Columns()))


@pytest.mark.parametrize("content", [b"", b"PAR1", b"plain words\n" * 100])
def test_what_is_no_parquet_is_refused(tmp_path, refuses, content):
    path = tmp_path / "a.parquet"
    path.write_bytes(content)
    with refuses("a Parquet file, as its suffix says", "a.parquet'", "another kind"):
        list(read_parquet(path, Columns()))


@pytest.mark.parametrize("damage", ["cut short", "overwritten"])
def test_damaged_file_is_refused(tmp_path, refuses, damage):
    path = tmp_path / "a.parquet"
    rng = random.Random(0)
    texts = [f"{rng.random()}" for _ in range(5000)]
    pyarrow.parquet.write_table(pyarrow.table({"text": texts}), path, compression="zstd")
    content = bytearray(path.read_bytes())
    if damage == "cut short":
        content = content[:-100]
    else:
        content[4:4000] = bytes(len(content[4:4000]))
    path.write_bytes(content)
    with refuses("a Parquet file", "a.parquet'", "damaged"):
        list(read_parquet(path, Columns()))


def test_strings_that_are_not_utf8_are_refused_with_their_row(read, refuses):
    broken = pyarrow.array([b"fine"] * 300 + [b"caf\xe9"]).view(pyarrow.string())
    with refuses("UTF-8 in the column 'text'", "0xe9 in", "news.parquet', row 301"):
        read({"text": broken})


def test_missing_and_compressed_files_are_refused(tmp_path, refuses):
    with refuses("does not exist", "a.parquet'"):
        list(read_parquet(tmp_path / "a.parquet", Columns()))
    with refuses("compressed a second time", "a.parquet.gz'", "decompress it"):
        list(read_parquet(tmp_path / "a.parquet.gz", Columns()))
