import pytest
from click.testing import CliRunner

from topicgen.cli.convert import convert
from topicgen.cli.program import Program
from topicgen.corpus.formats import FORMATS, read_corpus


@pytest.fixture
def source(tmp_path):
    (tmp_path / "news.ldac").write_text("2 0:1 1:3\n0\n")
    (tmp_path / "vocab.txt").write_text("bank\nrate\n")
    return tmp_path / "news.ldac"


def run(*args):
    program = Program(commands={"convert": convert})
    return CliRunner().invoke(program, ["convert", *map(str, args)])


def test_formats_are_recognised_by_name(source, tmp_path):
    result = run(source, tmp_path / "news.mtx")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == (
        f"topicgen: {tmp_path / 'news.mtx'} (mtx): 2 documents, 2 words, 4 tokens, 1 empty\n"
    )
    assert read_corpus(tmp_path / "news.mtx").counts.toarray().tolist() == [[1, 3], [0, 0]]


def test_formats_may_be_named(source, tmp_path):
    source = source.rename(tmp_path / "news")
    result = run(source, tmp_path / "out", "--from", "ldac", "--to", "octis")
    assert result.exit_code == 0, result.stderr
    assert read_corpus(tmp_path / "out").vocabulary == ["bank", "rate"]


def test_output_that_exists_is_refused_before_the_input_is_read(source, tmp_path, refused):
    (tmp_path / "news.mtx").write_text("mine")
    refused(run(tmp_path / "none.ldac", tmp_path / "news.mtx"), "news.mtx' already exists")
    assert (tmp_path / "news.mtx").read_text() == "mine"
    assert run(source, tmp_path / "news.mtx", "--overwrite").exit_code == 0


def test_mistakes_are_reported_in_one_line(source, tmp_path, refused):
    refused(run(source, tmp_path / "out"), "a format among ", "ldac, uci", "does not say which")
    refused(run(source, tmp_path / "out", "--to", "lda"), "got 'lda'")
    refused(run(tmp_path / "none.ldac", tmp_path / "a.mtx"), "does not exist")
    source.write_text("1 0:1\n2 0:1\n")
    refused(run(source, tmp_path / "a.mtx"), "expected 2 id:count pairs", "line 2")
    assert not (tmp_path / "a.mtx").exists()


def test_help_names_all_formats():
    text = run("--help").stdout
    for name in FORMATS:
        assert f"\n    {name} " in text
