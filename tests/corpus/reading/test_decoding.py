import codecs
import io

import pytest

from topicgen.corpus.reading import streams
from topicgen.corpus.reading.decoding import Decoder, find_binary


@pytest.fixture
def decoder():
    return Decoder("'corpus.txt'")


@pytest.fixture(params=[2, 5, 2**18])
def small_blocks(request, monkeypatch):
    """What holds of one block holds of several."""
    monkeypatch.setattr(streams, "BLOCK_BYTES", request.param)


def test_utf8_is_decoded_without_a_word(decoder):
    assert decoder.decode("naïve 漢字 🙂".encode()) == "naïve 漢字 🙂"
    decoder.warn()


@pytest.mark.parametrize("encoding", ["auto", "mixed"])
def test_every_byte_that_is_not_utf8_becomes_its_latin1_character(encoding):
    decoder = Decoder("", encoding)
    data = bytes(range(1, 256))
    assert decoder.decode(data) == data.decode("latin-1")
    assert (decoder.n_bytes, decoder.n_lines) == (128, 1)


def test_mixed_encodings_are_told_byte_by_byte_where_that_is_asked_for():
    decoder = Decoder("", "mixed")
    assert (
        decoder.decode("é".encode() + b"\n\xe9\xed\xa0\x80\nplain\n") == "é\né\xed\xa0\x80\nplain\n"
    )
    assert (decoder.n_bytes, decoder.n_lines) == (4, 1)


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize(
    ("content", "utf8", "other"),
    [
        (b"plain\ncaf\xc3\xa9\nplain\ncaf\xe9\n", 2, 4),
        (b"plain\ncaf\xe9\n\ncaf\xc3\xa9\nna\xefve", 4, 2),
        (b"caf\xe9 caf\xc3\xa9", 1, 1),
    ],
)
def test_mixed_encodings_are_refused_at_the_second_kind(decoder, refuses, content, utf8, other):
    texts = decoder.decode_lines(io.BytesIO(content))
    for _ in range(max(utf8, other) - 1):
        next(texts)
    with refuses("one encoding", f"UTF-8 on line {utf8} ", f"on line {other}", "'mixed'"):
        next(texts)


@pytest.mark.usefixtures("small_blocks")
def test_byte_order_mark_is_dropped_at_the_beginning_only(decoder):
    content = codecs.BOM_UTF8 + b"one\n" + codecs.BOM_UTF8 + b"two\n"
    assert list(decoder.decode_lines(io.BytesIO(content))) == ["one\n", "\ufefftwo\n"]


def test_lines_end_at_newlines_only(decoder):
    lines = ["a\x85b\u2028c\x0bd\re\n", "\n", "f"]
    assert list(decoder.decode_lines(io.BytesIO("".join(lines).encode()))) == lines


@pytest.mark.usefixtures("small_blocks")
def test_one_warning_counts_bytes_and_lines(decoder):
    decoder.decode(b"caf\xe9 cr\xe8me\nplain\n\xfcber")
    with pytest.warns(UserWarning, match="Latin-1") as caught:
        decoder.warn()
    assert len(caught) == 1
    assert "3 bytes of another encoding in 2 lines of 'corpus.txt'" in str(caught[0].message)


def test_warning_in_the_singular(decoder):
    decoder.decode(b"caf\xe9")
    with pytest.warns(UserWarning, match="got 1 byte of another encoding in 1 line of"):
        decoder.warn()


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("encoding", ["auto", "mixed", "utf-8", "cp1252"])
def test_nul_byte_is_refused_and_what_stands_before_it_comes_through(refuses, encoding):
    lines = Decoder("'corpus.txt'", encoding).decode_lines(io.BytesIO(b"one\ntwo\nword\0word\n"))
    assert [next(lines), next(lines)] == ["one\n", "two\n"]
    with refuses("text", "binary data", "'corpus.txt', line 3", "a NUL", "remove"):
        next(lines)


def test_nul_byte_is_shown_by_its_offset(decoder, refuses):
    with refuses("line 2", "a NUL byte at offset 4"):
        decoder.decode(b"one\nword\0word")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", ["Stocks rose.\n", "naïve"])
@pytest.mark.parametrize("given", ["auto", "latin-1"])
def test_utf16_is_named(refuses, encoding, text, given):
    with refuses("text", "UTF-16", "'corpus.txt', line 1", "iconv"):
        Decoder("'corpus.txt'", given).decode(text.encode(encoding))


@pytest.mark.parametrize("encoding", ["auto", "cp1252"])
@pytest.mark.parametrize(
    ("data", "found", "advice"),
    [
        (b"\x1f\x8b\x08rest", "gzip", ".gz"),
        (b"BZh91AY&SY", "bzip2", ".bz2"),
        (b"\xfd7zXZ\x00", "xz", ".xz"),
        (b"\x28\xb5\x2f\xfd", "Zstandard", ".zst"),
        (b"PAR1", "Parquet", ".parquet"),
        (b"PK\x03\x04", "zip", "unpack"),
        (b"%PDF-1.7", "PDF", "extract its text"),
    ],
)
def test_known_formats_are_named(refuses, data, found, advice, encoding):
    with refuses(found, advice, "'corpus.txt', line 1"):
        Decoder("'corpus.txt'", encoding).decode(data)
    if b"\0" not in data:
        assert find_binary(data, first=False) is None


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "utf-32", "cp1252", "cp037", "utf-7"]
)
def test_named_encoding_is_read(encoding):
    lines = ["café\n", "\n", "plain\r\n", "über"]
    decoder = Decoder("", encoding)
    assert list(decoder.decode_lines(io.BytesIO("".join(lines).encode(encoding)))) == lines
    decoder.warn()


@pytest.mark.usefixtures("small_blocks")
def test_named_encoding_drops_a_byte_order_mark():
    assert Decoder("", "utf-8").decode(codecs.BOM_UTF8 + b"word") == "word"


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize(
    ("encoding", "content"),
    [
        ("utf-8", b"one\ntwo\ncaf\xe9 three\n"),
        ("utf-8", b"one\ntwo\ncaf\xc3"),
        ("ascii", b"one\ntwo\ncaf\xe9 three\n"),
        ("cp1252", b"one\ntwo\n\x81\n"),
        ("shift_jis", b"one\ntwo\n\x83\xff\n"),
        ("utf-16-le", "one\ntwo\nthree".encode("utf-16-le") + b"x"),
    ],
)
def test_bytes_of_another_encoding_are_refused_with_their_line(refuses, encoding, content):
    lines = Decoder("'corpus.txt'", encoding).decode_lines(io.BytesIO(content))
    assert [next(lines), next(lines)] == ["one\n", "two\n"]
    with refuses(f"{encoding} text", "another encoding", "'corpus.txt', line 3", "'auto'"):
        list(lines)


@pytest.mark.parametrize("encoding", ["klingon", "", "rot13", "utf\0", "hex"])
def test_unknown_encoding_is_refused(refuses, encoding):
    with refuses("the encoding 'auto', 'mixed'", repr(encoding), "correct the name"):
        Decoder("'corpus.txt'", encoding)
