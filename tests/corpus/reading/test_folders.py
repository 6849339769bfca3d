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


def test_hidden_files_pipes_and_dangling_links_are_passed_over(tmp_path, write):
    write("1.txt", b"text")
    write(".hidden", b"text")
    write(".git/2.txt", b"text")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    assert [document.id for document in read_folder(tmp_path)] == ["1.txt"]


def test_files_that_are_not_text_are_skipped_with_one_warning(tmp_path, write):
    write("1.txt", b"text")
    write("2", b"\x7fELF\0\0")
    write("3.PNG", b"any")
    write("4.csv.gz", gzip.compress(b"text\nany\n"))
    with pytest.warns(UserWarning, match="skipped") as caught:
        assert [document.id for document in read_folder(tmp_path)] == ["1.txt"]
    assert len(caught) == 1
    assert "3 files of another kind, first '2' (binary data" in str(caught[0].message)


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
    with pytest.warns(UserWarning, match="skipped 1 file"):
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
    write("a/2.txt", "Windows".encode("utf-16"))
    with refuses("2 files of another kind, first 'a/1.png' (.png)"):
        list(read_folder(tmp_path))


def test_utf16_is_named(tmp_path, write, refuses):
    write("1.txt", "Windows".encode("utf-16"))
    with refuses("first '1.txt' (UTF-16)"):
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
