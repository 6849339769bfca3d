import csv
import importlib.util
import io
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


def test_csv_has_six_digits(run, news, model, theta, tmp_path):
    path = tmp_path / "theta.csv"
    result = run("transform", model, news, "-o", path, "--id-column", "id")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")
    header, *rows = csv.reader(path.read_text().splitlines())
    assert header == ["id", "topic_0", "topic_1", "topic_2", "n_tokens", "unknown_share"]
    assert [row[0] for row in rows] == theta[1]
    shares = np.array([row[1:4] for row in rows], dtype=float)
    np.testing.assert_allclose(shares, theta[0], rtol=5e-6)
    np.testing.assert_allclose(shares.sum(axis=1), 1, rtol=5e-6)
    assert max(len(cell) for row in rows for cell in row[1:4]) <= len("0.000123456")
    assert {tuple(row[4:]) for row in rows} == {("30", "0.0")}


def test_csv_goes_to_standard_output_by_default(run, news, model, theta):
    result = run("transform", model, news)
    lines = result.stdout.splitlines()
    assert lines[0] == "id,topic_0,topic_1,topic_2,n_tokens,unknown_share"
    assert [line.split(",")[0] for line in lines[1:]] == [f"d{row}" for row in range(90)]


def test_npz(run, news, model, theta, tmp_path):
    path = tmp_path / "theta.npz"
    assert run("transform", model, news, "-o", path, "--id-column", "id").exit_code == 0
    with np.load(path, allow_pickle=False) as arrays:
        np.testing.assert_array_equal(arrays["doc_topic"], theta[0])
        assert arrays["ids"].tolist() == theta[1]
        assert arrays["n_tokens"].tolist() == [30] * 90
        assert arrays["unknown_share"].tolist() == [0.0] * 90


def test_parquet(run, refused, news, model, theta, tmp_path):
    path = tmp_path / "theta.parquet"
    result = run("transform", model, news, "-o", path)
    if importlib.util.find_spec("pyarrow") is None:
        refused(result, "expected pyarrow", "pip install pyarrow, or write .csv or .npz")
    else:
        np.testing.assert_array_equal(pd.read_parquet(path).to_numpy()[:, 1:4], theta[0])


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


# -- columns that are kept, and documents that are not known --------------------------------------

SPEECHES = """id,text,party,date,n,topic_0
a,market shares zebra,Con,31.1.2020,1,x
b,,Lab,1.2.2020,,y
c,the,Lab,2.2.2020,3,z
d,zebra,,3.2.2020,4,x
e,match goal team,Con,4.2.2020,5,y
"""


@pytest.fixture
def speeches(tmp_path):
    path = tmp_path / "speeches.csv"
    path.write_text(SPEECHES)
    return path


def test_every_row_says_how_much_of_it_is_known(run, model, speeches, tmp_path):
    result = run("transform", model, speeches, "--id-column", "id", "-o", tmp_path / "t.csv")
    assert result.exit_code == 0
    table = pd.read_csv(tmp_path / "t.csv")
    assert table["id"].tolist() == list("abcde")
    assert table["n_tokens"].tolist() == [2, 0, 0, 0, 3]
    np.testing.assert_allclose(table["unknown_share"], [0.333333, np.nan, np.nan, 1.0, 0.0])
    np.testing.assert_allclose(table.filter(regex=r"^topic_\d$").sum(axis=1), 1.0, rtol=5e-6)


def test_an_empty_row_may_be_missing(run, model, speeches, tmp_path):
    result = run("transform", model, speeches, "--empty", "missing", "-o", tmp_path / "t.csv")
    assert "in 3 of 5 documents; such documents get missing values" in result.stderr
    topics = pd.read_csv(tmp_path / "t.csv").filter(regex=r"^topic_\d$")
    assert topics.isna().all(axis=1).tolist() == [False, True, True, True, False]
    assert topics.isna().any(axis=1).tolist() == [False, True, True, True, False]


@pytest.mark.parametrize("suffix", ["csv", "parquet", "npz"])
@pytest.mark.parametrize("source", ["table", "folder"])
def test_columns_come_back_beside_the_proportions(source, suffix, run, model, speeches, tmp_path):
    if source == "folder":
        built = run(
            "corpus", "build", speeches, "-o", tmp_path / "c", "--quiet", "--keep", "all",
            "--min-df", 1, "--id-column", "id",
        )  # fmt: skip
        assert built.exit_code == 0, built.stderr
        speeches = tmp_path / "c"
    path = tmp_path / f"theta.{suffix}"
    result = run(
        "transform", model, speeches, "--keep", "party,date", "--keep", "n", "--keep", "topic_0",
        "-o", path,
    )  # fmt: skip
    assert result.exit_code == 0, result.stderr
    if suffix == "npz":
        with np.load(path, allow_pickle=False) as arrays:
            found = {name: arrays[name] for name in arrays}
        assert found["metadata_party"].tolist() == ["Con", "Lab", "Lab", "", "Con"]
        assert found["metadata_date"].astype("M8[D]").astype(str)[1] == "2020-02-01"
        np.testing.assert_array_equal(found["metadata_n"], [1, np.nan, 3, 4, 5])
        assert found["metadata_topic_0"].tolist() == list("xyzxy")
        assert found["doc_topic"].shape == (5, 3)
        return
    table = pd.read_csv(path) if suffix == "csv" else pd.read_parquet(path)
    assert list(table.columns)[4:] == [
        "n_tokens", "unknown_share", "party", "date", "n", "input_topic_0",
    ]  # fmt: skip
    assert table["party"].fillna("-").tolist() == ["Con", "Lab", "Lab", "-", "Con"]
    assert pd.to_datetime(table["date"]).dt.month.tolist() == [1, 2, 2, 2, 2]
    assert table["n"].fillna(0).tolist() == [1, 0, 3, 4, 5]
    assert table["input_topic_0"].tolist() == list("xyzxy")


def test_columns_that_do_not_exist_are_refused(run, refused, model, speeches, tmp_path):
    refused(run("transform", model, speeches, "--keep", "year"), "a column 'year'", "'party'")
    run("corpus", "build", speeches, "-o", tmp_path / "c", "--quiet", "--min-df", 1)
    refused(
        run("transform", model, tmp_path / "c", "--keep", "n"), "got a corpus without", "--keep"
    )
    refused(run("transform", model, speeches, "--keep", "n,"), "column names separated by commas")
    (tmp_path / "a.txt").write_text("market\n")
    refused(run("transform", model, tmp_path / "a.txt", "--keep", "n"), "expected a table")


def test_a_name_with_a_comma_is_put_in_quotes(run, model, tmp_path):
    (tmp_path / "a.csv").write_text('text,"a, b",c\nmarket,1,2\n')
    result = run("transform", model, tmp_path / "a.csv", "--keep", '"a, b",c')
    assert result.stdout.splitlines()[0].endswith(',unknown_share,"a, b",c')


def test_a_table_of_one_column_has_nothing_else(run, model, tmp_path):
    (tmp_path / "a.csv").write_text("text\nmarket\n")
    result = run("transform", model, tmp_path / "a.csv", "--keep", "all")
    assert result.exit_code == 0, result.stderr
    assert result.stdout.splitlines()[0].endswith(",unknown_share")


def test_a_largely_unknown_collection_is_said_to_be(run, model, tmp_path):
    path = tmp_path / "russian.txt"
    path.write_text("экономика выросла на рынках\n" * 9 + "market экономика\n")
    for command in ("transform", "evaluate"):
        result = run(command, model, path)
        assert result.exit_code == 0
        assert result.stderr.count("the model knows only 2.6% of the 38 tokens") == 1


def test_metadata_of_files_come_from_a_table(run, model, refused, tmp_path):
    for name, text in {"x": "market shares", "y": "match goal", "z": ""}.items():
        (tmp_path / "texts" / name).mkdir(parents=True)
        (tmp_path / "texts" / name / "1.txt").write_text(text)
    (tmp_path / "about.csv").write_text("file,party,n\nz/1,C,3\nx/1.txt,A,1\ny/1,B,2\n")
    about = ("--metadata", tmp_path / "about.csv", "--id-column", "file")
    result = run("transform", model, tmp_path / "texts", *about)
    rows = list(csv.reader(result.stdout.splitlines()))
    assert [(row[0], *row[6:]) for row in rows] == [
        ("id", "label", "party", "n"),
        ("x/1.txt", "x", "A", "1"),
        ("y/1.txt", "y", "B", "2"),
        ("z/1.txt", "z", "C", "3"),
    ]
    result = run("transform", model, tmp_path / "texts", *about, "--keep", "n")
    assert result.stdout.splitlines()[0].endswith("unknown_share,label,n")
    options = (*about, "--min-df", 1, "--quiet")
    built = run("corpus", "build", tmp_path / "texts", "-o", tmp_path / "c", *options)
    assert "metadata: party (text), n (integer)" in built.stdout
    refused(run("transform", model, tmp_path / "c", *about[:2]), "--metadata applies only to texts")


def test_intervals(run, news, model, tmp_path):
    path = tmp_path / "counts.csv"
    options = ("--intervals", "--level", "0.8", "-o", path)
    result = run("transform", model, news, *options)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")
    table = pd.read_csv(path)
    of_first = ["topic_0", "topic_0_low", "topic_0_high", "tokens_0", "tokens_0_low"]
    assert table.columns[:6].tolist() == ["id", *of_first]
    assert table.columns[-2:].tolist() == ["n_tokens", "unknown_share"]
    np.testing.assert_allclose(
        table[[f"tokens_{k}" for k in range(3)]].sum(axis=1), 30, atol=3 * 0.005
    )
    posterior = TopicModel.load(model).posterior(pd.read_csv(news)["text"].tolist())
    low, high = posterior.interval(0.8, of="tokens")
    np.testing.assert_array_equal(table[[f"tokens_{k}_low" for k in range(3)]], low)
    np.testing.assert_array_equal(table[[f"tokens_{k}_high" for k in range(3)]], high)
    low, high = posterior.interval(0.8, of="proportions")
    np.testing.assert_allclose(table[[f"topic_{k}_high" for k in range(3)]], high, rtol=5e-6)


def test_intervals_as_arrays(run, news, model, tmp_path):
    path = tmp_path / "counts.npz"
    assert run("transform", model, news, "--intervals", "-o", path).exit_code == 0
    ends = [f"{name}{end}" for name in ("doc_topic", "tokens") for end in ("", "_low", "_high")]
    with np.load(path, allow_pickle=False) as arrays:
        assert set(arrays) == {"ids", "n_tokens", "unknown_share", *ends}
        assert {arrays[name].shape for name in ends} == {(90, 3)}


def test_intervals_of_documents_without_known_words(run, model, tmp_path):
    (tmp_path / "texts.txt").write_text("unheard of\n")
    result = run("transform", model, tmp_path / "texts.txt", "--intervals", "--empty", "missing")
    header, row = (line.split(",") for line in result.stdout.splitlines())
    missing = [name for name, value in zip(header, row, strict=True) if not value]
    assert len(missing) == 18


@pytest.mark.parametrize("level", ["0", "1", "90"])
def test_levels_are_between_0_and_1(run, refused, news, model, level):
    refused(run("transform", model, news, "--intervals", "--level", level), "--level", level)


# -- labels, metadata and cells -------------------------------------------------------------------


@pytest.fixture
def built(run, news, tmp_path):
    """A corpus folder with labels and a column."""
    options = ("--label-column", "subject", "--id-column", "id", "--keep", "subject", "--quiet")
    assert run("corpus", "build", news, "-o", tmp_path / "built", *options).exit_code == 0
    return tmp_path / "built"


@pytest.mark.parametrize(
    ("options", "columns"),
    [
        ((), ["label", "subject"]),
        (("--keep", "none"), []),
        (("--keep", "all"), ["label", "subject"]),
    ],
)
def test_what_a_corpus_folder_knows_is_written(run, model, built, options, columns):
    text = run("transform", model, built, *options).stdout
    table = pd.read_csv(io.StringIO(text))
    assert table.columns[4:].tolist() == ["n_tokens", "unknown_share", *columns]
    assert table["id"].tolist() == [f"d{row}" for row in range(90)]
    for column in columns:
        assert table[column].tolist() == ["business", "sport", "music"] * 30


def test_labels_of_a_table_are_written(run, model, news, tmp_path):
    text = run("transform", model, news, "--label-column", "subject").stdout
    assert pd.read_csv(io.StringIO(text))["label"][:3].tolist() == ["business", "sport", "music"]
    for suffix in ("parquet", "npz"):
        path = tmp_path / f"theta.{suffix}"
        run("transform", model, news, "--label-column", "subject", "-o", path)
        if suffix == "parquet":
            labels = pd.read_parquet(path)["label"]
        else:
            labels = np.load(path, allow_pickle=False)["labels"]
        assert labels[:3].tolist() == ["business", "sport", "music"]


def test_a_column_called_label_gets_another_name(run, model, tmp_path):
    (tmp_path / "a.csv").write_text("text,kind,label\nmarket,k,l\n")
    options = ("--label-column", "kind", "--keep", "label")
    lines = run("transform", model, tmp_path / "a.csv", *options).stdout.splitlines()
    assert [line.split(",")[6:] for line in lines] == [["label", "input_label"], ["k", "l"]]


def test_spreadsheets_read_no_formula(run, model, tmp_path):
    (tmp_path / "a.csv").write_text(
        'id,text,kind,=n,note\n=1+1,market goal,@SUM(A1),-5,"-5"\n'
        '+2,market,"\tx",3,-2+3\nd,goal,tax,4,＝1\n'
    )
    options = ("--id-column", "id", "--label-column", "kind", "--keep", "=n,note")
    text = run("transform", model, tmp_path / "a.csv", *options).stdout
    rows = list(csv.reader(io.StringIO(text)))
    assert [[row[0], *row[6:]] for row in rows] == [
        ["id", "label", "'=n", "note"],
        ["'=1+1", "'@SUM(A1)", "-5", "-5"],
        ["+2", "'\tx", "3", "'-2+3"],
        ["d", "tax", "4", "'＝1"],
    ]
    run("transform", model, tmp_path / "a.csv", *options, "-o", tmp_path / "t.parquet")
    exact = pd.read_parquet(tmp_path / "t.parquet")
    assert exact["id"].tolist() == ["=1+1", "+2", "d"]
    assert exact["=n"].tolist() == [-5, 3, 4]


def test_parquet_and_arrays_have_all_digits(run, news, model, theta, tmp_path):
    run("transform", model, news, "-o", tmp_path / "t.parquet")
    shares = pd.read_parquet(tmp_path / "t.parquet").filter(like="topic_").to_numpy()
    np.testing.assert_array_equal(shares, theta[0])


def test_a_column_id_holds_the_ids(run, model, speeches):
    result = run("transform", model, speeches, "--keep", "all")
    assert result.exit_code == 0, result.stderr
    header, *rows = csv.reader(io.StringIO(result.stdout))
    assert [row[0] for row in rows] == list("abcde")
    assert "input_id" not in header
    named = run("transform", model, speeches, "--keep", "id").stdout
    assert named.splitlines()[0].endswith(",input_id")
    others = run("transform", model, speeches, "--id-column", "party").stdout
    assert [row[0] for row in csv.reader(io.StringIO(others))][1:] == [
        "Con",
        "Lab",
        "Lab",
        "4",
        "Con",
    ]
