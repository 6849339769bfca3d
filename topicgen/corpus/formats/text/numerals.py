"""Numbers written in digits: many at once where all is well, one by one to name what is not."""

import math
import re
from typing import NamedTuple

import numpy as np

from topicgen.errors import InputError
from topicgen.plain import quoted

# All numbers of 18 digits fit an int64.
MAX_DIGITS = 18
_WHOLE = re.compile(rf"[0-9]{{1,{MAX_DIGITS}}}")
_NUMBER = re.compile(r"[0-9.eE+-]+")
_BLANKS = np.zeros(256, dtype=bool)
_BLANKS[list(b" \t\r\n")] = True


class Numerals(NamedTuple):
    """The numbers in a block of text.

    Args:
        codes: the bytes of the block.
        values: the numbers, int64.
        starts: where each begins in the block.
        ends: the place after each.
        per_line: how many are in each line.
    """

    codes: np.ndarray
    values: np.ndarray
    starts: np.ndarray
    ends: np.ndarray
    per_line: np.ndarray

    def only(self, n_marks: int = 0) -> bool:
        """Return whether, but for a number of other marks, there are only digits and blanks."""
        n_digits = int((self.ends - self.starts).sum())
        return n_digits + int(_BLANKS[self.codes].sum()) + n_marks == len(self.codes)


def find_numerals(block: bytes) -> Numerals | None:
    r"""Return the numbers in a block of lines, or None where one has too many digits.

    >>> find_numerals(b"2 0:1 13:2\n0\n").values.tolist()
    [2, 0, 1, 13, 2, 0]
    """
    codes = np.frombuffer(block, dtype=np.uint8)
    # What stands before "0" wraps around, to far above 9.
    is_digit = codes - np.uint8(ord("0")) < 10
    edges = np.flatnonzero(np.diff(is_digit, prepend=False, append=False))
    starts, ends = edges[::2], edges[1::2]
    lengths = ends - starts
    n_digits = int(lengths.max(initial=0))
    if n_digits > MAX_DIGITS:
        return None
    values = np.zeros(len(starts), dtype=np.int64)
    long_enough = np.arange(len(starts))
    for place in range(n_digits):
        long_enough = long_enough[lengths[long_enough] > place]
        digits = codes[starts[long_enough] + place]
        values[long_enough] = values[long_enough] * 10 + digits - ord("0")
    n_before = np.searchsorted(starts, np.flatnonzero(codes == ord("\n")))
    return Numerals(codes, values, starts, ends, np.diff(n_before, prepend=0))


def parse_count(text: str, where: str) -> int:
    """Return the count that a text is.

    >>> parse_count("3", "'a.ldac', line 1"), parse_count("3.0", "'a.ldac', line 1")
    (3, 3)

    Raises:
        InputError: where it is no whole number from 0.
    """
    if _WHOLE.fullmatch(text):
        return int(text)
    try:
        # Python alone would take "1_0" and the digits of other scripts too.
        value = float(text) if _NUMBER.fullmatch(text) else math.nan
    except ValueError:
        value = math.nan
    if value.is_integer() and 0 <= value < 10**MAX_DIGITS:
        return int(value)
    raise InputError(
        f"expected a count, a whole number from 0, got {quoted(text)} in {where}; remove or "
        "correct it"
    )


def parse_index(text: str, first: int, last: int, what: str, where: str) -> int:
    """Return the id that a text is, as an index from 0.

    Args:
        text: the digits.
        first: the least id.
        last: the greatest id.
        what: what has ids, and why so many, for an error.
        where: the place, for an error.

    Raises:
        InputError: where it is no whole number from first to last.
    """
    if _WHOLE.fullmatch(text) and first <= int(text) <= last:
        return int(text) - first
    raise InputError(
        f"expected {what} from {first} to {last}, got {quoted(text)} in {where}; correct it, or "
        "use the vocabulary that the counts were made with"
    )
