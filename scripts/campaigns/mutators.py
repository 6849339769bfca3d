"""What may befall the bytes of a file: by accident, or because somebody wants it to."""

import random
import re
from collections.abc import Callable

Mutator = Callable[[bytes, random.Random], bytes]

_NUMBER = re.compile(rb"-?[0-9]+(?:\.[0-9]+)?")
_NUMBERS = [
    b"-1", b"0", b"1e30", b"1e400", b"NaN", b"inf", b"0x10", b"1_0", b"2147483648", b"4294967296",
    b"9007199254740993", b"9223372036854775807", b"18446744073709551616", b"100000000",
    b"1000000000000", b"9" * 30, b"9" * 5000, b"3.7", b"1.0", b"\xd9\xa3",
]  # fmt: skip
_SIZES = [2**7, 2**15 - 1, 2**24, 2**31 - 1, 2**32 - 1, 2**40, 2**63 - 1, 2**64 - 1, 10**9, 0]
_TEXTS = [
    b"\0", b"\r", b"\x1b[2J", b"\xed\xa0\x80", b"\\ud800", b'"\\ud800"', b"\xff\xfe",
    b"\xef\xbb\xbf", b'"', b"'", b"\t", b",", b":", b"{", b"}", b"[", b"]", b"#", b"|", b"\xe9",
    b"\xe2\x80\xa8", b"\\", b"+2AA-", b"=cmd()", b"../", b"%n",
]  # fmt: skip


def flip(data: bytes, rng: random.Random) -> bytes:
    """Return data with some bits flipped."""
    changed = bytearray(data)
    for _ in range(rng.choice([1, 1, 1, 2, 8]) if data else 0):
        changed[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def truncate(data: bytes, rng: random.Random) -> bytes:
    """Return a beginning of data."""
    return data[: rng.randrange(len(data) + 1)]


def splice(data: bytes, rng: random.Random) -> bytes:
    """Return data with a part of it removed, repeated or moved."""
    start, stop = sorted(rng.randrange(len(data) + 1) for _ in range(2))
    part, to = data[start:stop], rng.randrange(len(data) + 1)
    return rng.choice(
        [data[:start] + data[stop:], data[:to] + part + data[to:], data[:stop] + part + data[stop:]]
    )


def number(data: bytes, rng: random.Random) -> bytes:
    """Return data with another number in place of one that is written there."""
    found = list(_NUMBER.finditer(data[: 2**16]))
    if not found:
        return insert(data, rng)
    place = rng.choice(found[:4] if rng.random() < 0.5 else found)
    return data[: place.start()] + rng.choice(_NUMBERS) + data[place.end() :]


def size(data: bytes, rng: random.Random) -> bytes:
    """Return data with another number in place of some bytes, as sizes are declared."""
    width = rng.choice([1, 2, 4, 8])
    value = (rng.choice(_SIZES) % 2 ** (8 * width)).to_bytes(width, rng.choice(["little", "big"]))
    at = rng.randrange(len(data) + 1)
    return data[:at] + value + data[at + width :]


def insert(data: bytes, rng: random.Random) -> bytes:
    """Return data with something put in."""
    at = rng.randrange(len(data) + 1)
    return data[:at] + rng.choice(_TEXTS) + data[at:]


def flood(data: bytes, rng: random.Random) -> bytes:
    """Return data with something put in many times: breaks, marks, nesting."""
    at = rng.choice([0, len(data), rng.randrange(len(data) + 1)])
    what = rng.choice([*_TEXTS, b"\n", b"[", b'{"a":', b'{"text":', b"a", b"a ", b"0:1 ", b"a,\n"])
    return data[:at] + what * rng.choice([100, 10**4, 10**5]) + data[at:]


def recode(data: bytes, rng: random.Random) -> bytes:
    """Return data in another encoding."""
    text = data.decode("utf-8", "replace")
    encoding = rng.choice(["utf-16", "utf-16-le", "utf-32", "utf-7", "cp1252", "utf-8-sig"])
    return text.encode(encoding, "replace")


def nothing(data: bytes, rng: random.Random) -> bytes:
    """Return no data."""
    return b""


ALL: dict[str, Mutator] = {
    function.__name__: function
    for function in (flip, truncate, splice, number, size, insert, flood, recode, nothing)
}
