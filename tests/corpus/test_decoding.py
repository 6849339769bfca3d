import codecs

import pytest

from topicgen.corpus.decoding import Decoder


@pytest.fixture
def decoder():
    return Decoder("'corpus.txt'", unit="line")


def test_utf8_is_decoded_without_a_word(decoder):
    assert decoder.decode("naïve 漢字 🙂".encode(), "") == "naïve 漢字 🙂"
    decoder.warn()


def test_every_byte_that_is_not_utf8_becomes_its_latin1_character(decoder):
    data = bytes(range(1, 256))
    assert decoder.decode(data, "") == data.decode("latin-1")
    assert decoder.n_bytes == 128


def test_valid_utf8_beside_other_bytes_is_kept(decoder):
    assert decoder.decode("é".encode() + b"\xe9\xed\xa0\x80", "") == "éé\xed\xa0\x80"
    assert decoder.n_bytes == 4


def test_byte_order_mark_is_dropped_at_the_beginning_only(decoder):
    lines = iter([codecs.BOM_UTF8 + b"one\n", codecs.BOM_UTF8 + b"two\n", b""])

    class Stream:
        def readline(self, limit):
            return next(lines)

    assert list(decoder.decode_lines(Stream())) == ["one\n", "\ufefftwo\n"]


def test_one_warning_counts_bytes_and_pieces(decoder):
    for data in (b"caf\xe9 cr\xe8me", b"plain", b"\xfcber"):
        decoder.decode(data, "")
    with pytest.warns(UserWarning, match="Latin-1") as caught:
        decoder.warn()
    assert len(caught) == 1
    assert "3 bytes of another encoding in 2 lines of 'corpus.txt'" in str(caught[0].message)


def test_warning_in_the_singular(decoder):
    decoder.decode(b"caf\xe9", "")
    with pytest.warns(UserWarning, match="got 1 byte of another encoding in 1 line of"):
        decoder.warn()


def test_nul_byte_is_refused(decoder, refuses):
    with refuses("text", "binary data", "'corpus.txt', line 7", "NUL byte at offset 4", "remove"):
        decoder.decode(b"word\0word", "'corpus.txt', line 7", first=False)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", ["Stocks rose.\n", "naïve"])
def test_utf16_is_named(decoder, refuses, encoding, text):
    with refuses("UTF-8", "UTF-16", "'corpus.txt', line 1", "iconv"):
        decoder.decode(text.encode(encoding), "'corpus.txt', line 1")


@pytest.mark.parametrize(
    ("data", "found", "advice"),
    [
        (b"\x1f\x8b\x08rest", "gzip", ".gz"),
        (b"BZh91AY&SY", "bzip2", ".bz2"),
        (b"\xfd7zXZ\x00", "xz", ".xz"),
        (b"PK\x03\x04", "zip", "unpack"),
        (b"%PDF-1.7", "PDF", "extract its text"),
    ],
)
def test_known_formats_are_named(decoder, refuses, data, found, advice):
    with refuses(found, advice):
        decoder.decode(data, "'corpus.txt', line 1")
    if b"\0" not in data:
        decoder.decode(data, "'corpus.txt', line 2", first=False)
