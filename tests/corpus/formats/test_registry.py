import pytest

from topicgen.corpus.formats import FORMATS, read_corpus, recognise, write_corpus

NAMES = {
    "topicgen": "folder",
    "ldac": "a.ldac",
    "uci": "docword.a.txt",
    "mtx": "a.mtx",
    "svmlight": "a.svmlight",
    "octis": "folder",
    "topmost": "folder",
    "mallet": "a.mallet.txt",
    "gensim": "a.mm",
    "npz": "a.npz",
    "h5ad": "a.h5ad",
}
TOLD = {name: file for name, file in NAMES.items() if file != "folder"}
COMPRESSED = ["ldac", "uci", "mtx", "svmlight", "mallet", "gensim"]


def test_the_forms():
    assert FORMATS.keys() == NAMES.keys()
    for name, form in FORMATS.items():
        assert form.name == name
        assert "\n" not in form.description


@pytest.mark.parametrize(("name", "file"), TOLD.items())
def test_names_tell_the_form(name, file):
    assert recognise(file) == recognise(f"some/{file}") == name


@pytest.mark.parametrize("name", COMPRESSED)
def test_compressed_names_tell_the_form(name):
    for suffix in (".gz", ".bz2", ".xz"):
        assert recognise(NAMES[name] + suffix) == name


@pytest.mark.parametrize(
    "path", ["a.txt", "a.csv", "a", ".", "..", "/", "", "a.npz.gz", "vocab.txt"]
)
def test_other_names_tell_nothing(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert recognise(path) is None


@pytest.mark.parametrize("name", NAMES)
def test_what_is_written_is_recognised_and_read(tmp_path, corpus, assert_same, name):
    if name == "h5ad":
        pytest.importorskip("h5py")
    path = tmp_path / NAMES[name]
    write_corpus(corpus, path, name)
    assert recognise(path) == name
    assert_same(read_corpus(path), corpus)


# The containers of the others tell the time.
@pytest.mark.parametrize("name", [*COMPRESSED, "octis"])
def test_writing_twice_gives_the_same_bytes(tmp_path, corpus, name):
    paths = [tmp_path / "one" / NAMES[name], tmp_path / "two" / NAMES[name]]
    for path in paths:
        path.parent.mkdir()
        write_corpus(corpus, path, name)
    one, two = (
        {file.name: file.read_bytes() for file in path.parent.rglob("*") if file.is_file()}
        for path in paths
    )
    assert one == two


def test_reading_what_no_name_tells_is_refused(tmp_path, refuses):
    (tmp_path / "a.txt").write_text("1 0:1")
    with refuses(
        "a format among ", "ldac, uci, mtx", "h5ad", "'", "a.txt', whose name does not tell it"
    ):
        read_corpus(tmp_path / "a.txt")
    with refuses("does not exist", "check the path"):
        read_corpus(tmp_path / "b.txt")


def test_an_unknown_form_is_refused(tmp_path, corpus, refuses):
    with refuses("a format among ", "ldac, uci", "got 'lda'"):
        read_corpus(tmp_path / "a.ldac", "lda")
    with refuses("a format among ", "ldac, uci", "got 'lda'"):
        write_corpus(corpus, tmp_path / "a.ldac", "lda")
    with refuses("a format among ", "ldac, uci", "whose name does not tell it"):
        write_corpus(corpus, tmp_path / "folder")


def test_a_compression_that_is_only_read_is_refused(tmp_path, corpus, refuses):
    with refuses("among .gz, .bz2, .xz to write", "got 'a.ldac.zst'"):
        write_corpus(corpus, tmp_path / "a.ldac.zst")
