import codecs
import io
import re

import pytest

from topicgen.corpus.reading import streams
from topicgen.corpus.reading.decoding import Decoder
from topicgen.errors import InputError


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


def test_bytes_that_are_not_utf8_become_their_latin1_characters():
    decoder = Decoder("", "mixed")
    data = bytes(range(0xA0, 0x100))
    assert decoder.decode(b"letters " * 40 + data) == "letters " * 40 + data.decode("latin-1")
    assert (decoder.n_bytes, decoder.n_lines) == (96, 1)


def test_mixed_encodings_are_told_byte_by_byte_where_that_is_asked_for():
    decoder = Decoder("", "mixed")
    assert decoder.decode("é".encode() + b"\n\xe9\xed\xa0\x9c\nplain\n") == "é\néí\xa0œ\nplain\n"
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


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("encoding", ["auto", "utf-8", "utf-16-le"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\r\r\n"])
def test_lines_end_at_the_line_ends_of_every_system_and_at_no_other_character(encoding, end):
    lines = ["a\x85b\u2028c\x0bd\x0ce\n", "\n", "f\u2029\n", "g"]
    data = "".join(lines).replace("\n", end).encode("utf-8" if encoding == "auto" else encoding)
    assert list(Decoder("", encoding).decode_lines(io.BytesIO(data))) == lines


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
    with refuses("line 2", "a NUL byte at offset 4", "UTF-16"):
        decoder.decode(b"one\nword\0word")


WIDE = ["utf-16", "utf-32"]
WITHOUT_MARK = [f"{encoding}-{order}" for encoding in WIDE for order in ("le", "be")]
WIDE_TEXTS = ["Stocks rose.\n", "naïve", "Курс акций\nрастёт\n", "बाज़ार गिरा", "ab"]


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("encoding", [*WIDE, "utf-8-sig"])
@pytest.mark.parametrize("text", [*WIDE_TEXTS, "股票上涨。\n"])
@pytest.mark.parametrize("given", ["auto", "mixed", "latin-1", "gbk"])
def test_byte_order_mark_decides_whatever_is_asked_for(encoding, text, given):
    decoder = Decoder("", given)
    assert decoder.decode(text.encode(encoding)) == text
    decoder.warn()


@pytest.mark.parametrize("encoding", WITHOUT_MARK)
@pytest.mark.parametrize("text", WIDE_TEXTS)
def test_wide_text_without_a_mark_is_read_and_said(decoder, encoding, text):
    assert decoder.decode(text.encode(encoding)) == text
    with pytest.warns(UserWarning, match=f"{encoding.upper()} without a byte order mark"):
        decoder.warn()


@pytest.mark.parametrize("encoding", WITHOUT_MARK)
def test_wide_text_without_a_mark_is_named_where_another_encoding_is(refuses, encoding):
    with refuses("latin-1 text", encoding.upper(), "'corpus.txt', line 1", repr(encoding)):
        Decoder("'corpus.txt'", "latin-1").decode("Stocks rose.".encode(encoding))


@pytest.mark.parametrize(
    "data", [b"word\0word\n", b"one\0two\0", b"\0\0\0\1Bud1", bytes(100), b"a\0"]
)
def test_binary_data_are_not_taken_for_wide_text(decoder, refuses, data):
    with refuses("binary data", "line 1"):
        decoder.decode(data)


FOREIGN = {
    "cp1251": "Привет, мир: курс акций сегодня вырос.",
    "koi8-r": "Привет, мир: курс акций сегодня вырос.",
    "gb18030": "今天股票市场上涨，银行利率保持不变。",
    "big5": "今天股票市場上漲，銀行利率保持不變。",
    "shift_jis": "今日の株式市場は上昇しました。銀行の金利は変わりません。",
    "euc_jp": "今日の株式市場は上昇しました。銀行の金利は変わりません。",
    "iso2022_jp": "今日の株式市場は上昇しました。",
    "iso2022_kr": "오늘 주식 시장은 올랐고",
    "cp949": "오늘 주식 시장은 올랐고 은행 금리는 그대로였다.",
    "cp1253": "Σήμερα το χρηματιστήριο ανέβηκε και τα επιτόκια έμειναν ίδια.",
    "cp1255": "היום הבורסה עלתה והריבית נשארה ללא שינוי.",
    "cp1256": "ارتفعت سوق الأسهم اليوم وبقيت أسعار الفائدة دون تغيير.",
    "tis-620": "วันนี้ตลาดหุ้นปรับตัวสูงขึ้นและอัตราดอกเบี้ยคงที่",
    "cp1250": "Dziś giełda wzrosła, a stopy procentowe pozostały bez zmian. Źródło: żółta książka.",
}


@pytest.mark.parametrize("encoding", FOREIGN)
@pytest.mark.parametrize("times", [1, 200])
def test_text_that_is_neither_utf8_nor_western_is_refused_by_its_name(encoding, times):
    data = b"plain\n" + f"{FOREIGN[encoding]}\n".encode(encoding) * times
    with pytest.raises(
        InputError, match=r"looks like the encoding .* in 'a.txt', line 2;"
    ) as caught:
        Decoder("'a.txt'").decode(data)
    # Several names may be right: the one that is advised reads the text.
    advised = re.search(r"--encoding (\S+),", str(caught.value))[1]
    assert FOREIGN[encoding] in Decoder("", advised).decode(data)


@pytest.mark.parametrize("encoding", ["iso2022_jp", "cp1251", "gbk", "koi8-r"])
def test_few_words_of_another_encoding_do_not_stop_the_rest(encoding):
    word = {"iso2022_jp": "日本", "gbk": "中文"}.get(encoding, "мир").encode(encoding)
    text = Decoder("'a.txt'").decode(b"plain words and more of them\n" * 100 + word + b"\n")
    assert text.count("plain") == 100


WESTERN = [
    "café",
    "ÉTÉ 1936 : LES CONGÉS PAYÉS",
    "le cœur et la sœur coûtent 5 € – « voilà »…",
    "Größe, Übermut, süß",
    "æøå på norsk: blåbærsyltetøy",
    "El niño comió piñas en España; ¿qué? ¡sí!",
    "è più di così",
    "häätyöaikomus, ääni",
    "São Paulo não é a capital",
]


@pytest.mark.parametrize("text", WESTERN)
@pytest.mark.parametrize("times", [1, 100])
def test_western_text_is_read_as_cp1252_and_said(text, times):
    decoder = Decoder("'a.txt'")
    assert decoder.decode(f"{text}\n".encode("cp1252") * times) == f"{text}\n" * times
    with pytest.warns(UserWarning, match="cp1252.*--encoding"):
        decoder.warn()


def test_bytes_of_another_encoding_that_happen_to_be_utf8_are_not_mixed_encodings(refuses):
    data = ("联通的股票今天上涨。" * 3).encode("gbk")
    assert "\u0368" in data.decode("utf-8", "replace")  # as GBK's 通 reads
    with refuses("looks like the encoding gb18030"):
        Decoder("'a.txt'").decode(data)


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
    if b"\0" not in data and data.isascii():
        assert "fine" in Decoder("", encoding).decode(b"fine\n" + data)


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "utf-32", "cp1252", "cp037", "utf-7"]
)
def test_named_encoding_is_read(encoding):
    lines = ["café\n", "\n", "plain\r\n", "über"]
    decoder = Decoder("", encoding)
    found = list(decoder.decode_lines(io.BytesIO("".join(lines).encode(encoding))))
    assert found == ["café\n", "\n", "plain\n", "über"]
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


@pytest.mark.usefixtures("small_blocks")
def test_declared_encoding_that_is_cut_off_is_said(refuses):
    content = "one\ntwo".encode("utf-16") + b"x"
    with refuses("utf-16", "a part of one at the end of 'a.txt', line 2", "cut off"):
        Decoder("'a.txt'").decode(content)


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("standard input", "save it in a file whose name ends in .gz"),
        ("'a.txt'", "end its name in .gz"),
        ("'a.txt.gz'", "compressed twice"),
    ],
)
def test_compressed_data_are_refused_with_advice_that_helps(refuses, name, advice):
    with refuses("gzip data", name, advice):
        Decoder(name).decode(b"\x1f\x8b\x08rest")


@pytest.mark.parametrize(
    ("name", "text", "encoding"),
    [
        ("UTF8", "é", "utf-8"),
        ("Latin-1", "cœur", "cp1252"),
        ("ISO-8859-1", "é", "latin-1"),
        ("windows-1251", "мир", "cp1251"),
        ("Win-1251", "мир", "cp1251"),
        ("CP 1251", "мир", "cp1251"),
        ("KOI8R", "мир", "koi8-r"),
        ("GBK", "中文", "gbk"),
        ("gb2312", "镕", "gbk"),
        ("cp936", "中文", "gbk"),
        ("Big5", "碁恒", "cp950"),
        ("Shift-JIS", "①髙", "cp932"),
        ("x-sjis", "日本", "shift_jis"),
        ("EUC-KR", "똠방", "cp949"),
        ("UCS-2LE", "a", "utf-16-le"),
        ("UTF-8-BOM", "a", "utf-8-sig"),
        ("MacRoman", "é", "mac_roman"),
    ],
)
def test_encoding_may_have_any_of_its_names(name, text, encoding):
    assert Decoder("", name).decode(text.encode(encoding)) == text


@pytest.mark.parametrize("encoding", ["klingon", "", "rot13", "utf\0", "hex"])
def test_unknown_encoding_is_refused(refuses, encoding):
    with refuses("the encoding 'auto', 'mixed'", repr(encoding), "correct the name"):
        Decoder("'corpus.txt'", encoding)


@pytest.mark.parametrize(
    ("encoding", "data"), [("utf-7", b"a+2AA-b\n"), ("unicode_escape", b"a\\ud800b\n")]
)
def test_halves_of_characters_are_replaced(encoding, data):
    assert list(Decoder("'a.txt'", encoding).decode_lines(io.BytesIO(data))) == ["a\ufffdb\n"]
