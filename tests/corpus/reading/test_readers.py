import bz2
import gzip
import io
import lzma
import os

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
    path = write(f"corpus.txt{suffix}", COMPRESSORS[suffix](b"one\r\n\r\nthree\xe9still\nlast"))
    with pytest.warns(UserWarning, match="1 byte of another encoding"):
        documents = list(read_documents(path))
    assert [tuple(document) for document in documents] == [
        ("one", "1", None),
        ("", "2", None),
        ("threeéstill", "3", None),
        ("last", "4", None),
    ]


@pytest.mark.parametrize("options", [{"column": "text"}, {"keep": "all"}])
def test_folder_of_tables_is_refused_with_the_way_to_read_it(write, refuses, options):
    folder = write("t.parquet/part-0.parquet", b"PAR1").parent
    with refuses("expected a table", "a folder", "by a pattern such as", "**/*.parquet"):
        list(read_documents(folder, **options))


def test_path_may_be_bytes(write):
    path = os.fsencode(write("a.csv", b"id,text\n1,alpha\n"))
    assert [d.text for d in read_documents(path)] == ["alpha"]


@pytest.mark.parametrize(
    ("source", "advice"),
    [(["a.csv"], "each path as an argument"), (io.StringIO("a"), "straight to fit"), (3, "a path")],
)
def test_what_is_no_path_is_refused(refuses, source, advice):
    with refuses("expected the path", type(source).__name__, advice):
        list(read_documents(source))


def test_final_newline_makes_no_document(write):
    assert len(list(read_documents(str(write("corpus", b"one\ntwo\n"))))) == 2


def test_standard_input_is_a_document_a_line(standard_input):
    standard_input(b"one\ntwo\n")
    assert [document.text for document in read_documents("-")] == ["one", "two"]


def test_table_from_standard_input_is_said(standard_input):
    standard_input(b'{"text": "alpha"}\n')
    with pytest.warns(UserWarning, match=r"standard input looks like a \.jsonl table.*save it"):
        assert [d.text for d in read_documents("-")] == ['{"text": "alpha"}']


@pytest.mark.parametrize(
    ("content", "suffix"),
    [
        (b'[{"text": "alpha"},\n{"text": "beta"}]', ".json"),
        (b'[\n  {"text": "alpha"}\n]', ".json"),
        (b'{\n  "text": "alpha"\n}', ".json"),
        (b'"id";"text"\n1;"alpha, beta"\n', ".csv"),
        (b"id\tbody\n1\talpha\n", ".tsv"),
    ],
)
def test_table_with_the_name_of_a_text_is_said(write, content, suffix):
    with pytest.warns(UserWarning, match=rf"a {suffix} table.*end its name in \{suffix}"):
        assert list(read_documents(write("a.txt", content)))


@pytest.mark.parametrize(
    "content", [b"text, body and soul\nmore, text\n", b"[sic] {x}\n", b"text\na\n", b"text,a\nb\n"]
)
def test_prose_is_not_taken_for_a_table(write, content):
    assert list(read_documents(write("a.txt", content)))


def test_address_without_a_server_is_refused(refuses):
    with refuses("'http://127.0.0.1:9/a.csv'"):
        list(read_documents("http://127.0.0.1:9/a.csv"))


def test_empty_standard_input_is_refused(standard_input, refuses):
    standard_input(b"")
    with refuses("got none in standard input"):
        list(read_documents("-"))


def test_folder_and_table_are_told_apart(tmp_path, write):
    write("a.csv", b"text,label\nword,x\n")
    assert next(read_documents(tmp_path / "a.csv", label_column="label")).label == "x"
    write("b.txt", b"words")
    with pytest.warns(UserWarning, match="left out 1 .csv file"):
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


def read_once(*sources):
    """Return the texts of sources, of which some are repeated, which one warning says."""
    with pytest.warns(UserWarning, match="left out 1 repeated file") as caught:
        texts = [document.text for document in read_documents(*sources)]
    assert len(caught) == 1
    return texts


def test_file_is_read_once_however_it_is_named(tmp_path, write, monkeypatch):
    path = write("n/a.txt", b"one\ntwo\n")
    monkeypatch.chdir(tmp_path)
    os.link(path, tmp_path / "hard.txt")
    (tmp_path / "soft.txt").symlink_to(path)
    for other in (path.parent / ".." / "n" / "a.txt", "n/a.txt", "n/*.txt", "hard.txt", "soft.txt"):
        assert read_once(path, other) == ["one", "two"]
    assert read_once(path.parent, path) == ["one\ntwo\n"]
    assert read_once(path, path.parent) == ["one", "two"]
    assert total_bytes(path, "n", "hard.txt") == 8
    assert [d.text for d in read_documents(path, path)] == ["one", "two"]


def test_standard_input_is_read_once(standard_input):
    standard_input(b"one\n")
    assert [document.text for document in read_documents("-", "-")] == ["one"]


@pytest.mark.parametrize("pattern", ["n/**", "n/**/*", "n/**/**/*.txt", "**/*.txt"])
def test_files_that_a_pattern_matches_are_documents_once(tmp_path, write, monkeypatch, pattern):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "n" / "m").mkdir(parents=True)
    write("n/a.txt", b"alpha\n")
    write("n/m/b.txt", b"beta\n")
    assert [d.id for d in read_documents(pattern)] == ["n/a.txt:1", "n/m/b.txt:1"]
    assert total_bytes(pattern) == 11


def test_pattern_of_folders_reads_each(tmp_path, write, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("n/a", "n/b"):
        (tmp_path / name).mkdir(parents=True)
        write(f"{name}/1.txt", b"one")
    assert [d.id for d in read_documents("n/*")] == ["n/a/1.txt", "n/b/1.txt"]
    assert [d.id for d in read_documents("**/b")] == ["1.txt"]


def test_pattern_leaves_out_what_is_not_text(tmp_path, write, refuses):
    for name in ("a.txt", "a.txt~", "b.docx", "c.png", "Thumbs.db"):
        write(name, b"word\n")
    with pytest.warns(UserWarning, match="1 backup .*1 .docx file .*1 .png file"):
        assert [d.id for d in read_documents(tmp_path / "*")] == ["1"]
    with refuses("no file matches the pattern", "*.docx' but 1 .docx file"):
        list(read_documents(tmp_path / "*.docx"))


@pytest.mark.parametrize("pattern", ["**", "*", "n/**", "**/*", "n/*"])
def test_pattern_leaves_out_corpora_and_models(tmp_path, write, monkeypatch, refuses, pattern):
    monkeypatch.chdir(tmp_path)
    for folder in ("n", "n/model", "n/corpus"):
        (tmp_path / folder).mkdir()
    write("n/a.txt", b"alpha\n")
    for name in ("config.json", "weights.safetensors", "notes"):
        write(f"n/model/{name}", b"x\n")
    for name in ("corpus.json", "indptr.npy", "ids"):
        write(f"n/corpus/{name}", b"x\n")
    with pytest.warns(UserWarning, match="left out 1 (corpus|model) folder .*, 1 (corpus|model)"):
        assert [document.text.strip() for document in read_documents(pattern)] == ["alpha"]
    with refuses("no file matches the pattern", "1 corpus folder"):
        list(read_documents("n/cor*"))


@pytest.mark.parametrize(
    ("name", "what", "remedy"),
    [
        ("a.rtf", "a text document with formatting", "pandoc"),
        ("a.docx", "a text document with formatting", "pandoc"),
        ("a.ODT", "a text document with formatting", "pandoc"),
        ("a.doc", "an office document", "libreoffice"),
        ("a.pdf", "a PDF file", "pdftotext"),
        ("a.html", "a web page", "pandoc"),
        ("a.xml", "XML", "extract its text"),
        ("a.xlsx", "a spreadsheet", "save it as CSV"),
        ("a.rds", "a data file", "CSV or Parquet"),
        ("a.zip", "an archive", "unpack it"),
        ("a.tar.gz", "an archive", "unpack it"),
        ("a.jpg", "an image", "extract its text"),
        ("a.mp3", "audio", "transcribe"),
        ("a.ldac", "a corpus of counts", "read_corpus"),
    ],
)
def test_file_that_is_not_text_is_refused_by_its_name(write, refuses, name, what, remedy):
    with refuses(f"got {what}", name, remedy):
        list(read_documents(write(name, b"any")))


def test_json_is_records(write):
    path = write("a.json", b'[{"text": "alpha", "l": "x"},\n {"text": "beta", "l": null}]\n')
    assert [tuple(d) for d in read_documents(path, label_column="l")] == [
        ("alpha", "1", "x"),
        ("beta", "2", None),
    ]


def test_dialect_is_passed_on_and_refused_where_it_does_not_apply(tmp_path, write, refuses):
    path = write("a.csv", b"1^'alpha^ beta'\n")
    documents = read_documents(path, delimiter="^", quote="'", header=False, column="2")
    assert next(documents).text == "alpha^ beta"
    path = write("a.tsv", b'text\n"open\n')
    assert next(read_documents(path, quote="none")).text == '"open'
    for option, shown in (
        ({"delimiter": ";"}, "--delimiter"),
        ({"header": False}, "--no-header"),
        ({"quote": "none"}, "--quote"),
        ({"escape": "^"}, "--escape"),
    ):
        for source in (
            write("a.txt", b"x"),
            write("a.jsonl", b"{}"),
            write("b/a.txt", b"x").parent,
        ):
            with refuses(f"{shown} applies to .csv and .tsv", repr(str(source))):
                list(read_documents(source, **option))


@pytest.mark.parametrize(
    "option", [{"delimiter": ",,"}, {"quote": ""}, {"escape": "\\\\"}, {"delimiter": "\n"}]
)
def test_dialect_of_more_than_a_character_is_refused(write, refuses, option):
    with refuses("a single character", f"--{next(iter(option))}"):
        list(read_documents(write("a.csv", b"text\na\n"), **option))
    with refuses("different characters"):
        list(read_documents(write("a.csv", b"text\na\n"), delimiter='"', quote='"'))


def test_no_source_is_refused(refuses):
    with refuses("a source of documents, got none"):
        list(read_documents())


def test_one_of_several_sources_may_be_empty_but_not_all(write, refuses):
    empty = [write(f"{number}.txt", b"") for number in range(5)]
    assert len(list(read_documents(*empty, write("a.txt", b"one\n")))) == 1
    with refuses("got none in", "0.txt'", "2.txt', 2 more;"):
        list(read_documents(*empty))


@pytest.mark.parametrize("suffix", COMPRESSORS)
@pytest.mark.parametrize("content", [b"text\n" + b"one\n" * 1000, b"text\n" * 2000])
def test_progress_sums_to_the_total(tmp_path, write, suffix, content):
    write(f"a.txt{suffix}", COMPRESSORS[suffix](content))
    write(f"b.csv{suffix}", COMPRESSORS[suffix](content))
    write(f"folder/c.txt{suffix}", COMPRESSORS[suffix](content))
    write("folder/.DS_Store", content)
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


@pytest.mark.parametrize("content", [b"the\rof\r", b"the\r\nof\r\n", "the\nof".encode("utf-16")])
def test_stop_words_of_every_system(write, content):
    assert read_stop_words(write("stop.txt", content)) == ["the", "of"]


def test_stop_words_of_another_encoding(write, refuses):
    path = write("stop.txt", "это\nэтого\nпотому\nчтобы\nкогда".encode("cp1251"))
    with refuses("cp1251", "convert it to UTF-8"):
        read_stop_words(path)
    assert read_stop_words(path, encoding="cp1251")[0] == "это"


def test_stop_words_missing_are_refused(tmp_path, refuses):
    with refuses("does not exist"):
        read_stop_words(tmp_path / "stop.txt")


def test_stop_words_come_from_a_file_that_is_one(tmp_path, refuses):
    os.mkfifo(pipe := tmp_path / "pipe")
    for path, kind in (("/", "a folder"), ("/dev/zero", "a device"), (pipe, "a pipe")):
        with refuses(f"expected a file, got {str(path)!r}, which is {kind}"):
            read_stop_words(path)


def test_stop_words_are_not_too_many(write, refuses, monkeypatch):
    monkeypatch.setattr("topicgen.corpus.reading.readers._MOST_CHARACTERS_OF_WORDS", 10)
    assert read_stop_words(write("stop.txt", b"the\nanother\n")) == ["the", "another"]
    with refuses("a list of words of at most 10 characters", "got more"):
        read_stop_words(write("stop.txt", b"the\nanother\na\n"))
