import gzip
import os

import pytest

from topicgen.corpus.reading import streams
from topicgen.corpus.reading.folders import folder_bytes, read_folder


@pytest.fixture
def write(tmp_path):
    def write(name, content):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    return write


def test_ids_are_paths_and_labels_first_level_folders(tmp_path, write):
    write("sport/b/2.txt", b"deep")
    write("sport/1", b"no suffix")
    write("arts/9.txt.gz", gzip.compress(b"packed"))
    write("top.txt", b"two\nlines")
    assert [tuple(document) for document in read_folder(tmp_path)] == [
        ("two\nlines", "top.txt", None),
        ("packed", "arts/9.txt.gz", "arts"),
        ("no suffix", "sport/1", "sport"),
        ("deep", "sport/b/2.txt", "sport"),
    ]


def test_hidden_files_pipes_and_dangling_links_are_left_out_and_said(tmp_path, write):
    write("1.txt", b"text")
    write(".hidden", b"text")
    write(".git/2.txt", b"text")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with pytest.warns(UserWarning, match="left out") as caught:
        assert [document.id for document in read_folder(tmp_path)] == ["1.txt"]
    assert len(caught) == 1
    for what in ("1 hidden file", "1 hidden folder", "1 special file", "2 broken links"):
        assert what in str(caught[0].message)


@pytest.mark.parametrize(
    "name",
    [
        ".DS_Store",
        "._1.txt",
        "Thumbs.db",
        "a/desktop.ini",
        "1.txt:Zone.Identifier",
        "@eaDir/1.txt",
        "__MACOSX/1.txt",
        ".x.partial/a",
        ".x.abcdefgh.topicgen/a",
    ],
)
def test_what_systems_leave_behind_is_passed_over_without_a_word(tmp_path, write, name):
    write("1.txt", b"text")
    write(name, b"text")
    assert [document.id for document in read_folder(tmp_path)] == ["1.txt"]


@pytest.mark.parametrize(
    "name",
    [
        "1.txt~",
        "#1.txt#",
        ".1.txt.swp",
        "1.txt.bak",
        "~$1.txt",
        "1.txt.ORIG",
        "1.old",
        "1.txt.part",
    ],
)
def test_backups_are_left_out_and_said(tmp_path, write, name):
    write("a/1.txt", b"text")
    write(f"a/{name}", b"text")
    with pytest.warns(UserWarning, match="left out 1 (backup|hidden file)"):
        assert [document.id for document in read_folder(tmp_path)] == ["a/1.txt"]


def test_files_that_are_not_text_are_left_out_with_one_warning(tmp_path, write):
    write("1.txt", b"text")
    write("2", b"\x7fELF\0\0")
    write("2.txt", b"words\0")
    write("2b.txt", b"{\\rtf1 words}")
    write("3.PNG", b"any")
    write("4.csv.gz", gzip.compress(b"text\nany\n"))
    for name in ("5.rtf", "6.html", "a/7.docx", "8.pdf", "9.odt", "9.epub", "9.xlsx", "b/9.rtf"):
        write(name, b"any")
    with pytest.warns(UserWarning, match="left out") as caught:
        assert [document.id for document in read_folder(tmp_path)] == ["1.txt"]
    assert len(caught) == 1
    message = str(caught[0].message)
    assert "3 binary files (first" in message
    assert f"2 .rtf files (first '{tmp_path}/5.rtf')" in message
    for suffix in (".png", ".csv", ".html", ".docx", ".pdf", ".odt", ".epub", ".xlsx"):
        assert f"1 {suffix} file ('" in message
    assert message.endswith(
        "; pass tables by their names or by a pattern; convert other documents to text"
    )


def test_corpora_and_models_in_a_folder_are_left_out_and_said(tmp_path, write):
    write("1.txt", b"text")
    for name in ("corpus.json", "indptr.npy", "ids", "labels"):
        write(f"a/corpus/{name}", b"text")
    for name in ("config.json", "weights.safetensors", "notes"):
        write(f"model/{name}", b"text")
    (tmp_path / "link").symlink_to(tmp_path / "model")
    with pytest.warns(UserWarning, match="1 corpus folder .*1 model folder .*1 repeated folder"):
        assert [document.id for document in read_folder(tmp_path)] == ["1.txt"]


def test_files_of_corpora_in_other_formats_are_left_out_and_said(tmp_path, write):
    write("1.txt", b"text")
    for name in ("a.ldac", "a.ldac.vocab", "docword.a.txt.gz", "vocab.a.txt", "a.mallet.txt"):
        write(name, b"text")
    write("octis/corpus.tsv", b"text")
    write("octis/vocabulary.txt", b"text")
    with pytest.warns(UserWarning, match="1 .ldac file .*4 corpus files .*1 corpus folder"):
        assert [document.id for document in read_folder(tmp_path)] == ["1.txt"]


@pytest.mark.parametrize("kind", ["corpus", "model"])
def test_corpus_or_model_is_no_folder_of_texts(tmp_path, write, refuses, kind):
    for name in ("corpus.json", "indptr.npy", "config.json", "weights.safetensors")[
        2 * (kind == "model") :
    ][:2]:
        write(name, b"{}")
    with refuses("a folder of texts", f"the {kind} folder", repr(str(tmp_path))):
        list(read_folder(tmp_path))


def test_each_file_is_a_document_once_under_its_own_name(tmp_path, write):
    write("b/1.txt", b"one")
    write("elsewhere/2.txt", b"two")
    folder = tmp_path / "b"
    (folder / "0.txt").symlink_to("1.txt")
    os.link(folder / "1.txt", folder / "9.txt")
    (folder / "loop").symlink_to("..")
    (folder / "again").symlink_to("../elsewhere")
    with pytest.warns(UserWarning, match="2 repeated files .*2 repeated folders") as caught:
        documents = list(read_folder(tmp_path))
    assert [document.id for document in documents] == ["b/1.txt", "elsewhere/2.txt"]
    assert len(caught) == 1


def test_links_are_followed_once(tmp_path, write):
    write("outside/sport/1.txt", b"one")
    write("outside/2.txt", b"two")
    write("inside/0.txt", b"zero")
    folder = tmp_path / "inside"
    (folder / "sport").symlink_to("../outside/sport")
    (folder / "zzz").symlink_to("../outside")
    (folder / "a.txt").symlink_to("../outside/2.txt")
    with pytest.warns(UserWarning, match="1 repeated file .*1 repeated folder"):
        documents = list(read_folder(folder))
    assert [(document.id, document.label) for document in documents] == [
        ("0.txt", None),
        ("a.txt", None),
        ("sport/1.txt", "sport"),
    ]


def test_each_file_may_be_wide(tmp_path, write):
    write("1.txt", b"alpha")
    write("2.txt", "bêta".encode("utf-16"))
    write("3.txt", "gamma\r\n".encode("utf-32"))
    assert [document.text for document in read_folder(tmp_path)] == ["alpha", "bêta", "gamma\n"]
    write("4.txt", "delta".encode("utf-16-le"))
    with pytest.warns(UserWarning, match="UTF-16-LE .* 1 file of"):
        assert list(read_folder(tmp_path))[3].text == "delta"


def test_text_of_another_encoding_is_refused_with_its_file(tmp_path, write, refuses):
    write("1.txt", b"alpha")
    write("2.txt", "сегодня курс акций вырос".encode("koi8-r"))
    with refuses("koi8-", "2.txt', line 1", "--encoding koi8-"):
        list(read_folder(tmp_path))


def test_latin1_is_counted_in_files(tmp_path, write):
    write("1.txt", b"caf\xe9")
    write("2.txt", b"\xfcber \xe9t\xe9")
    with pytest.warns(UserWarning, match="4 bytes of another encoding in 2 files"):
        assert [document.text for document in read_folder(tmp_path)] == ["café", "über été"]


def test_each_file_has_an_encoding_of_its_own_but_no_more(tmp_path, write, refuses):
    write("1.txt", b"caf\xe9")
    write("2.txt", "café".encode())
    with pytest.warns(UserWarning, match="1 byte of another encoding in 1 file"):
        assert [document.text for document in read_folder(tmp_path)] == ["café", "café"]
    write("3.txt", b"one\ncaf\xe9\n" + "café".encode())
    with refuses("UTF-8 on line 3", "other bytes on line 2", "3.txt'", "'mixed'"):
        list(read_folder(tmp_path))
    with pytest.warns(UserWarning, match="2 bytes of another encoding in 2 files"):
        assert list(read_folder(tmp_path, "mixed"))[2].text == "one\ncafé\ncafé"


def test_bytes_read_are_those_of_the_files_read(tmp_path, write):
    write("1.txt", b"text")
    write("a/2.gz", gzip.compress(b"text"))
    write("3.png", b"any")
    write(".4", b"any")
    told = []
    meter = streams.Meter(told.append)
    with pytest.warns(UserWarning, match="1 .png file"):
        list(read_folder(tmp_path, meter=meter))
    meter.flush()
    assert told == [folder_bytes(tmp_path)] == [4 + (tmp_path / "a/2.gz").stat().st_size]


@pytest.mark.skipif(os.name != "posix", reason="file names of any bytes")
def test_file_name_of_any_bytes_can_be_printed(tmp_path):
    try:
        open(os.fsencode(tmp_path) + b"/caf\xe9.txt", "wb").close()
    except OSError:
        pytest.skip("the file system takes UTF-8 names only")
    assert [document.id for document in read_folder(tmp_path)] == ["café.txt"]


def test_empty_folder_is_refused(tmp_path, refuses):
    with refuses("text files in the folder", repr(str(tmp_path)), "got none", "name a folder"):
        list(read_folder(tmp_path))


def test_folder_without_text_is_refused(tmp_path, write, refuses):
    write("a/1.png", b"any")
    write("a/2.txt", b"\0\1\2")
    with refuses("1 .png file ('", "1 binary file ('", "convert other documents to text"):
        list(read_folder(tmp_path))


def test_too_long_document_is_refused(tmp_path, write, monkeypatch, refuses):
    monkeypatch.setattr(streams, "MAX_DOCUMENT_BYTES", 10)
    write("1.txt", b"x" * 11)
    with refuses("at most 10 bytes", "1.txt'", "split"):
        list(read_folder(tmp_path))


def test_folder_that_cannot_be_listed_is_refused(tmp_path, monkeypatch, refuses):
    def deny(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("os.scandir", deny)
    with refuses(repr(str(tmp_path)), "Permission denied"):
        list(read_folder(tmp_path))


def test_splits_are_no_labels(tmp_path):
    for path in ("20news-train/sport/1", "20news-train/2", "20news-test/art/a/3", "README"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("text")
    found = {document.id: document.label for document in read_folder(tmp_path)}
    assert found == {
        "README": None,
        "20news-test/art/a/3": "art",
        "20news-train/2": None,
        "20news-train/sport/1": "sport",
    }


def test_a_label_may_have_the_name_of_a_split(tmp_path):
    for path in ("train/1", "bus/2"):
        (tmp_path / path).parent.mkdir()
        (tmp_path / path).write_text("text")
    assert [document.label for document in read_folder(tmp_path)] == ["bus", "train"]
