import bz2
import gzip
import io
import lzma

import pyarrow
import pyarrow.parquet
import pytest

from topicgen.corpus import read_documents, read_stop_words
from topicgen.corpus.reading import streams
from topicgen.corpus.reading.readers import total_bytes


def zstd(content):
    sink = pyarrow.BufferOutputStream()
    with pyarrow.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(content)
    return sink.getvalue().to_pybytes()


COMPRESSORS = {
    "": bytes,
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": zstd,
}


@pytest.fixture
def write(tmp_path):
    def write(name, content):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        return path

    return write


@pytest.fixture
def standard_input(monkeypatch):
    def set_(content):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))

    return set_


@pytest.mark.parametrize("suffix", COMPRESSORS)
def test_text_file_is_a_document_a_line(write, suffix):
    path = write(f"corpus.txt{suffix}", COMPRESSORS[suffix](b"one\r\n\r\nthree\x85still\nlast"))
    with pytest.warns(UserWarning, match="1 byte of another encoding"):
        documents = list(read_documents(path))
    assert [tuple(document) for document in documents] == [
        ("one", "1", None),
        ("", "2", None),
        ("three\x85still", "3", None),
        ("last", "4", None),
    ]


def test_final_newline_makes_no_document(write):
    assert len(list(read_documents(str(write("corpus", b"one\ntwo\n"))))) == 2


def test_standard_input_is_a_document_a_line(standard_input):
    standard_input(b"one\ntwo\n")
    assert [document.text for document in read_documents("-")] == ["one", "two"]


def test_empty_standard_input_is_refused(standard_input, refuses):
    standard_input(b"")
    with refuses("got none in standard input"):
        list(read_documents("-"))


def test_folder_and_table_are_told_apart(tmp_path, write):
    write("a.csv", b"text,label\nword,x\n")
    assert next(read_documents(tmp_path / "a.csv", label_column="label")).label == "x"
    write("b.txt", b"words")
    with pytest.warns(UserWarning, match="skipped 1 file"):
        assert [document.id for document in read_documents(tmp_path)] == ["b.txt"]


def test_documents_come_one_at_a_time(write):
    documents = read_documents(write("corpus.txt", b"one\nbin\0ary\n"))
    assert next(documents).text == "one"


@pytest.mark.parametrize("name", ["no.txt", "no.csv", "no.jsonl.gz"])
def test_missing_path_is_refused(tmp_path, refuses, name):
    with refuses(f"{name}'", "does not exist", "check the path"):
        list(read_documents(tmp_path / name))


@pytest.mark.parametrize("name", ["a.txt", "a.csv", "a.tsv", "a.jsonl"])
def test_empty_file_is_refused(write, refuses, name):
    with refuses("documents with text", f"got none in '{write(name, b'')}'", "at least one"):
        list(read_documents(write(name, b"")))


def test_blank_file_is_refused(write, refuses):
    with refuses("got only blank ones (2) in"):
        list(read_documents(write("a.txt", b"\n \n")))


def test_folder_of_empty_files_is_refused(tmp_path, write, refuses):
    write("a.txt", b"")
    with refuses("got only blank ones (1) in", repr(str(tmp_path))):
        list(read_documents(tmp_path))


def test_binary_file_is_refused_with_its_line(write, refuses):
    with refuses("a.txt', line 2", "NUL byte at offset 2", "extract the text"):
        list(read_documents(write("a.txt", b"fine\nno\0\1\2\n")))


def test_too_long_line_is_refused(write, refuses, monkeypatch):
    monkeypatch.setattr(streams, "MAX_DOCUMENT_BYTES", 10)
    with refuses("a.txt', line 2", "at most 10 bytes", "one per line"):
        list(read_documents(write("a.txt", b"fine\nmuch too long\n")))


def test_truncated_compressed_file_is_refused(write, refuses):
    content = gzip.compress(b"word\n" * 10_000)
    with refuses("a.txt.gz'", "damaged, cut short"):
        list(read_documents(write("a.txt.gz", content[:-20])))


@pytest.mark.parametrize("name", ["a.txt.zst", "a.csv.zst", "a.jsonl.zst", "folder/a.zst"])
def test_truncated_zstandard_is_refused(write, refuses, name):
    content = b'{"text": "word"}\n' if "jsonl" in name else b"text\n"
    path = write(name, zstd(content * 10_000)[:-5])
    with refuses("a.", ".zst'", "(Truncated"):
        list(read_documents(path.parent if "/" in name else path))


@pytest.mark.parametrize("option", ["column", "id_column", "label_column"])
def test_column_of_what_is_no_table_is_refused(tmp_path, write, refuses, option):
    with refuses("a table (.csv", "the column 'body'", "got text with one document per line in"):
        list(read_documents(write("a.txt", b"word"), **{option: "body"}))
    with refuses("the column 'body'", "got a folder in", repr(str(tmp_path))):
        list(read_documents(tmp_path, **{option: "body"}))


def test_encoding_is_passed_on(tmp_path, write, refuses):
    content = "café\nübel\n".encode("utf-16")
    assert [d.text for d in read_documents(write("a.txt", content), encoding="utf-16")] == [
        "café",
        "übel",
    ]
    table = write("a.csv", "text\ncafé\n".encode("cp850"))
    assert next(read_documents(table, encoding="cp850")).text == "café"
    folder = write("folder/a.txt", content).parent
    assert next(read_documents(folder, encoding="utf-16")).text == "café\nübel\n"
    for source in (
        table,
        write("b.txt", b"fine\ncaf\xe9\n"),
        write("other/b.txt", b"\ncaf\xe9").parent,
    ):
        with refuses("utf-8 text", "line 2", "'auto'"):
            list(read_documents(source, encoding="utf-8"))


def test_file_of_mixed_encodings_is_refused_unless_that_is_asked_for(write, refuses):
    path = write("a.txt", b"caf\xe9\ncaf\xc3\xa9\n")
    documents = read_documents(path)
    assert next(documents).text == "café"
    with refuses("UTF-8 on line 2", "other bytes on line 1", "a.txt'", "'mixed'"):
        next(documents)
    with pytest.warns(UserWarning, match="1 byte of another encoding in 1 line"):
        assert [d.text for d in read_documents(path, encoding="mixed")] == ["café", "café"]


def test_ids_of_several_sources_begin_with_their_names(
    tmp_path, write, standard_input, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    write("a.txt", b"one\ntwo\n")
    write("b.csv", b"no,text\nx,three\n")
    write("folder/c.txt", b"four")
    standard_input(b"five\n")
    documents = list(read_documents("a.txt", "b.csv", "folder/", "-"))
    assert [document.id for document in documents] == [
        "a.txt:1",
        "a.txt:2",
        "b.csv:1",
        "folder/c.txt",
        "-:1",
    ]
    assert [document.text for document in documents] == ["one", "two", "three", "four", "five"]


def test_pattern_is_expanded_and_sorted(tmp_path, write):
    for name in ("b.txt", "a.txt", "c.csv"):
        write(name, b"text\nword\n")
    documents = list(read_documents(tmp_path / "*.txt"))
    assert [document.id for document in documents] == [
        f"{tmp_path}/{name}:{line}" for name in ("a.txt", "b.txt") for line in (1, 2)
    ]
    assert [document.id for document in read_documents(tmp_path / "[c]*")] == ["1"]
    assert len(list(read_documents(tmp_path / "**" / "?.*"))) == 5


def test_path_that_looks_like_a_pattern_is_a_path(write):
    assert next(read_documents(write("a[1].txt", b"word"))).id == "1"


def test_pattern_that_matches_nothing_is_refused(tmp_path, refuses):
    with refuses("no file matches the pattern", "*.txt'", "check the pattern", "check the pattern"):
        list(read_documents(tmp_path / "*.txt"))


def test_sources_are_looked_for_before_any_is_read(tmp_path, write, refuses):
    with refuses("no.txt'", "does not exist"):
        next(read_documents(write("a.txt", b"one\n"), tmp_path / "no.txt"))


def test_source_named_twice_is_refused(tmp_path, write, refuses):
    path = write("a.txt", b"one\n")
    with refuses("each source once", "a.txt' is named twice"):
        list(read_documents(tmp_path / "*.txt", path))
    with refuses("standard input is named twice"):
        list(read_documents("-", "-"))


def test_no_source_is_refused(refuses):
    with refuses("a source of documents, got none"):
        list(read_documents())


def test_one_of_several_sources_may_be_empty_but_not_all(write, refuses):
    empty = [write(f"{number}.txt", b"") for number in range(5)]
    assert len(list(read_documents(*empty, write("a.txt", b"one\n")))) == 1
    with refuses("got none in", "0.txt'", "2.txt', 2 more;"):
        list(read_documents(*empty))


@pytest.mark.parametrize("suffix", COMPRESSORS)
@pytest.mark.parametrize("content", [b"one\n" * 1000, b"text\n" + b"two\n" * 1000])
def test_progress_sums_to_the_total(tmp_path, write, suffix, content):
    write(f"a.txt{suffix}", COMPRESSORS[suffix](content))
    write(f"b.csv{suffix}", COMPRESSORS[suffix](content))
    write(f"folder/c.txt{suffix}", COMPRESSORS[suffix](content))
    write("folder/.hidden", content)
    sources = (tmp_path / f"*{suffix or '.*'}", tmp_path / "folder")
    told = []
    list(read_documents(*sources, progress=told.append))
    assert told == [total_bytes(*sources)]
    write("folder/image.png", content)
    assert told == [total_bytes(*sources)]


def test_progress_of_parquet_sums_to_the_total(tmp_path):
    table = pyarrow.table({"text": ["one"] * 1000, "n": list(range(1000))})
    pyarrow.parquet.write_table(table, tmp_path / "a.parquet")
    told = []
    assert len(list(read_documents(tmp_path / "a.parquet", progress=told.append))) == 1000
    assert told == [(tmp_path / "a.parquet").stat().st_size]


def test_progress_of_standard_input_has_no_total(standard_input):
    standard_input(b"one\n")
    told = []
    list(read_documents("-", progress=told.append))
    assert told == [4]
    assert total_bytes("-") is None


def test_stop_words_a_line(write):
    assert read_stop_words(write("stop.txt", b"the\n\n a \nof")) == ["the", "a", "of"]


def test_stop_words_missing_are_refused(tmp_path, refuses):
    with refuses("does not exist"):
        read_stop_words(tmp_path / "stop.txt")
