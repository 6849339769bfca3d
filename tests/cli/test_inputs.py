"""Texts and tables as people have them, through the command line."""

import json
import os
import zipfile

import pytest

from topicgen.corpus import Corpus

ALL_WORDS = ("--stop-words", "none", "--min-df", 1, "--max-df", "1.0", "--quiet")


@pytest.fixture
def build(run, tmp_path, monkeypatch):
    """``build({name: content}, *args)``: the corpus of files, or the error; and standard error."""
    monkeypatch.chdir(tmp_path)

    def build(files, *args):
        for name, content in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        result = run("corpus", "build", *args, "-o", "OUT", *ALL_WORDS)
        if result.exit_code == 0:
            return Corpus.open("OUT"), result.stderr
        assert result.exit_code == 2, result.stderr
        assert result.stderr.count("\n") == 1
        assert not os.path.exists("OUT")
        return None, result.stderr

    return build


def texts(corpus):
    """The words of each document, in the order of the alphabet."""
    words = corpus.vocabulary
    return [" ".join(words[column] for column in row.indices) for row in corpus.counts]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"a.txt": "alpha beta\rgamma delta\repsilon\r"}, ["alpha beta", "delta gamma", "epsilon"]),
        ({"a.txt": "alpha\u2028beta\ngamma\x85delta\x0bx1\n"}, ["alpha beta", "delta gamma x1"]),
        ({"a.txt": b"le c\x9cur\n"}, ["cœur le"]),
        ({"a.txt": "alpha beta\n".encode("utf-32")}, ["alpha beta"]),
        ({"a.txt": "alpha beta\n".encode("utf-16-le")}, ["alpha beta"]),
        (
            {"a.csv": 'id,text\n1,"he said \\"alpha, beta\\""\n2,gamma\n'},
            ["alpha beta he said", "gamma"],
        ),
        ({"a.csv": "sep=;\r\nid;text\r\n1;alpha\r\n"}, ["alpha"]),
        ({"a.csv": 'id, text\n1, "alpha, beta"\n'}, ["alpha beta"]),
        ({"a.csv": "id|text\n1|alpha, beta\n"}, ["alpha beta"]),
        ({"a.csv": '\ufeff"text","n"\r\n"alpha beta","1"\r\n'}, ["alpha beta"]),
        ({"a.tsv": 'id\ttext\n1\t"alpha first\n2\tbeta\n'}, ["alpha first", "beta"]),
        (
            {"a.json": '[{"text": "alpha bank"},\n{"text": "beta bank"}]\n'},
            ["alpha bank", "bank beta"],
        ),
        ({"a.json": '{"text": ["alpha bank", "beta"]}'}, ["alpha bank", "beta"]),
        (
            {"a.jsonl": '\ufeff{"text": "alpha"}\n{"text": null}\n{"text": "beta"}'},
            ["alpha", "", "beta"],
        ),
        (
            {"a.jsonl": '{"text": "alpha\u2028beta"}\n{"text": "gamma\x85delta"}\n'},
            ["alpha beta", "delta gamma"],
        ),
    ],
)
def test_texts_and_tables_are_read_right(build, files, expected):
    corpus, _ = build(files, *files)
    assert texts(corpus) == expected


def test_headerless_table_is_said_and_an_option_reads_it(build, run):
    files = {"a.csv": "alpha beta\ngamma delta\nepsilon\n"}
    corpus, said = build(files, "a.csv")
    assert len(corpus) == 2
    assert "took 'alpha beta'" in said
    assert "--no-header" in said
    corpus, said = build(files, "a.csv", "--no-header", "--overwrite")
    assert texts(corpus) == ["alpha beta", "delta gamma", "epsilon"]
    assert said == ""
    corpus, _ = build(
        {"b.csv": "1^'alpha^beta'\n"},
        "b.csv",
        "--no-header",
        "--column",
        "2",
        "--delimiter",
        "^",
        "--quote",
        "'",
        "--escape",
        "\\",
        "--overwrite",
    )
    assert texts(corpus) == ["alpha beta"]


@pytest.mark.parametrize(
    ("files", "parts"),
    [
        ({"a.txt": "привет мир\n".encode("cp1251")}, ["--encoding cp1251", "line 1"]),
        ({"a.txt": "今天股票上涨\n".encode("gbk")}, ["--encoding gb18030"]),
        ({"a.txt": "größe\n".encode() + b"gr\xf6\xdfe\n"}, ["line 1", "line 2", "mixed"]),
        ({"a.csv": 'id,text\n1,"alpha\n2,beta\n'}, ["line 2", "close its quotes"]),
        ({"a.csv": "id,text\n1,al\0pha\n"}, ["line 2", "NUL"]),
        ({"a.csv": "text,date,date\nalpha,1,2\n"}, ["'date' more than once"]),
        ({"a.csv": "id,text\n1,alpha,\n"}, ["line 2", "end of the rows"]),
        ({"a.jsonl": '{"text":"alpha"},\n{"text":"beta"},\n'}, ["line 1", "malformed"]),
        ({"a.docx": "any"}, ["'a.docx'", "pandoc"]),
        ({"f/a.pdf": "any", "f/b.html": "any"}, ["1 .pdf file", "1 .html file", "convert"]),
    ],
)
def test_what_is_not_read_is_refused_in_one_line_that_helps(build, files, parts):
    source = next(iter(files)).partition("/")[0]
    corpus, said = build(files, source)
    assert corpus is None
    for part in parts:
        assert part in said


def test_zip_archive_is_refused(build, tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.txt", "alpha\n")
    assert "unpack it" in build({}, "a.zip")[1]


@pytest.mark.parametrize(
    ("files", "sources", "said"),
    [
        ({"n/a.txt": "alpha", "n/m/b.txt": "beta"}, ["n/**"], ""),
        ({"n/a.txt": "alpha", "n/m/b.txt": "beta"}, ["n/**/**/*.txt"], ""),
        ({"n/a.txt": "alpha", "n/m/b.txt": "beta"}, ["n", "n/a.txt"], "1 repeated file"),
        ({"n/a.txt": "alpha", "n/b.txt": "beta", "n/a.txt~": "x"}, ["n"], "1 backup"),
        ({"n/a.txt": "alpha", "n/b.txt": "beta", "n/c.rtf": "x"}, ["n"], "1 .rtf file"),
        ({"n/a.txt": "alpha", "n/b.txt": "beta".encode("utf-16")}, ["n"], ""),
    ],
)
def test_a_document_once(build, files, sources, said):
    corpus, shown = build(files, *sources)
    assert sorted(texts(corpus)) == ["alpha", "beta"]
    assert said in shown
    assert bool(said) == bool(shown)


def test_outputs_inside_the_input_are_no_documents(build, run, model):
    build({"a.txt": "alpha bank"}, ".")
    corpus, said = build({}, ".", "--overwrite")
    assert texts(corpus) == ["alpha bank"]
    assert "1 corpus folder ('./OUT'), 1 model folder ('./news-model')" in said


def test_missing_labels_are_no_class(run, fitted, tmp_path, subjects):
    path = tmp_path / "a.jsonl"
    names = list(subjects)
    rows = [
        {
            "text": " ".join(subjects[names[i % 3]]),
            "l": float("nan") if i % 4 == 0 else names[i % 3],
        }
        for i in range(60)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    result = run("evaluate", fitted[0], path, "--label-column", "l", "--json")
    assert result.exit_code == 0, result.stderr
    assert '"labelled": 45' in result.stdout


def test_options_of_tables_are_refused_for_counts(run, refused, built_corpus):
    for option in (("--no-header",), ("--delimiter", ";"), ("--quote", "none"), ("--escape", "^")):
        refused(run("fit", built_corpus, *option), option[0], "applies only to texts")


@pytest.fixture
def built_corpus(run, news, tmp_path):
    folder = tmp_path / "counts"
    assert run("corpus", "build", news, "-o", folder, "--quiet").exit_code == 0
    return folder
