"""How well the encoding of a text is recognised, by its length.

    python scripts/study_encodings.py

Samples of manual pages and program messages, as Debian installs them in languages other than
English (/usr/share/man, /usr/share/locale), are encoded, and ``guess_foreign`` guesses the encoding
of each. A guess is right if the text can be read in the guessed encoding, or, for a Western text,
if it is read as cp1252. Languages that are not installed are left out and listed.
"""

import gettext
import gzip
import random
import re
from collections import Counter
from pathlib import Path

from topicgen.corpus.reading.encodings import find_codec
from topicgen.corpus.reading.guessing import guess_foreign

SIZES = (10, 30, 100, 1_000, 10_000)
SAMPLES = 20

ENCODINGS = {
    "in other scripts": {
        "ru": ("cp1251", "koi8-r", "cp866", "iso8859-5"),
        "uk": ("cp1251", "koi8-u"),
        "bg": ("cp1251",),
        "el": ("cp1253", "iso8859-7"),
        "he": ("cp1255",),
        "ar": ("cp1256",),
        "th": ("tis-620",),
        "zh_CN": ("gb18030",),
        "zh_TW": ("big5",),
        "ja": ("shift_jis", "euc_jp"),
        "ko": ("euc_kr",),
    },
    "Latin, not Western": {
        "pl": ("cp1250", "iso8859-2"),
        "cs": ("cp1250", "iso8859-2"),
        "hu": ("cp1250", "iso8859-2"),
        "ro": ("iso8859-2",),
        "hr": ("cp1250",),
        "tr": ("cp1254",),
        "de": ("cp850", "mac_roman"),
        "fr": ("cp850", "mac_roman"),
    },
    "Western": dict.fromkeys(
        ("de", "fr", "es", "it", "pt_BR", "nl", "sv", "da", "fi"), ("cp1252",)
    ),
}


def lines_of(language: str) -> list[str]:
    """Return lines in this language that are not pure ASCII."""
    texts = []
    for path in sorted(Path("/usr/share/man", language).glob("man*/*")):
        data = path.read_bytes()
        text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8", "ignore")
        # Without troff's requests and escapes.
        texts += [re.sub(r"\\f.|\\\(..|\\.|\\", "", line) for line in text.split("\n")]
    if len(texts) < 5_000:
        for path in sorted(Path("/usr/share/locale", language).glob("LC_MESSAGES/*.mo"))[:60]:
            with path.open("rb") as stream:
                catalog = gettext.GNUTranslations(stream)._catalog
            texts += [text.replace("\n", " ") for text in catalog.values() if len(text) < 300]
    return [text for text in texts if not text.isascii() and not text.startswith((".", "'"))]


def samples_of(lines: list[str], encoding: str, size: int, rng: random.Random) -> list[bytes]:
    """Return encoded texts of this length, without those that are valid UTF-8."""
    samples = []
    for _ in range(SAMPLES):
        start, text = rng.randrange(len(lines)), ""
        while len(text) < size:
            text += lines[start % len(lines)] + "\n"
            start += 1
        samples.append(text[:size].encode(encoding, "ignore"))
    return [sample for sample in samples if not is_utf8(sample)]


def is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def verdict(data: bytes, encoding: str) -> str:
    guess = guess_foreign(data)
    if guess is None:
        return "read as cp1252"
    if guess != "unknown" and data.decode(find_codec(guess), "replace") == data.decode(encoding):
        return "named right"
    return "named otherwise"


def main() -> None:
    rng = random.Random(0)
    columns = ("named right", "named otherwise", "read as cp1252")
    print(f"{'texts':20} {'bytes':>6} {'samples':>8} " + " ".join(f"{c:>15}" for c in columns))
    for group, languages in ENCODINGS.items():
        lines = {language: lines_of(language) for language in languages}
        if missing := [language for language, found in lines.items() if not found]:
            print(f"not installed: {', '.join(missing)}")
        for size in SIZES:
            found = Counter(
                verdict(sample, encoding)
                for language, encodings in languages.items()
                if lines[language]
                for encoding in encodings
                for sample in samples_of(lines[language], encoding, size, rng)
            )
            counts = " ".join(f"{found[column]:15,}" for column in columns)
            print(f"{group:20} {size:6,} {found.total():8,} {counts}")


if __name__ == "__main__":
    main()
