"""What the texts of a column stand for: booleans, numbers, dates or just text."""

from collections.abc import Callable, Iterable
from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import pyarrow as pa


class Field(str):
    """A field of a CSV file, which may stand for a number, a date or nothing at all."""

    __slots__ = ()


class JsonString(str):
    """A string of JSON, which has numbers but no dates: it may stand for a date."""

    __slots__ = ()


class Kind(NamedTuple):
    """A kind of values that texts can stand for.

    Args:
        name: of the kind; for dates their format.
        pattern: the regular expression that every text of the kind matches.
        read: from texts to values; raises a ValueError where one has no value.
    """

    name: str
    pattern: str
    read: Callable[["pa.Array"], "pa.Array"]

    def includes(self, texts: "pa.Array") -> bool:
        """Return whether all texts, the missing aside, are of this kind.

        >>> import pyarrow as pa
        >>> [kind.name for kind in KINDS if kind.includes(pa.array(["7", None, "12"]))]
        ['integer', 'number']
        """
        import pyarrow.compute as pc

        if not pc.all(pc.match_substring_regex(texts, f"^(?:{self.pattern})$")).as_py():
            return False
        try:
            self.read(texts)
        except ValueError:  # those of Arrow and pandas are ValueErrors as well
            return False
        return True


def is_ambiguous(kinds: Iterable[Kind]) -> bool:
    """Return whether dates may be day/month as well as month/day.

    >>> is_ambiguous(kind for kind in DATES if kind.name.endswith("/%Y"))
    True
    """
    names = {kind.name for kind in kinds}
    return any(f"%m{name[2]}%d{name[5:]}" in names for name in names if name[0:2] == "%d")


def _read_booleans(texts: "pa.Array") -> "pa.Array":
    import pyarrow.compute as pc

    return pc.equal(pc.utf8_lower(texts), "true")


def _read_integers(texts: "pa.Array") -> "pa.Array":
    return texts.cast("int64")


def _read_numbers(texts: "pa.Array") -> "pa.Array":
    import pyarrow.compute as pc

    numbers = texts.cast("float64")
    if pc.all(pc.is_finite(numbers)).as_py() is False:
        raise ValueError("a number is too large")
    return numbers


def _times(format: str, zone: str | None = None) -> Callable[["pa.Array"], "pa.Array"]:
    def read(texts: "pa.Array") -> "pa.Array":
        import pandas as pd
        import pyarrow as pa

        times: Any = pd.to_datetime(texts.to_pandas(), format=format, utc=zone is not None)
        return pa.array(times, pa.timestamp("us", zone), from_pandas=True, safe=False)

    return read


# A number begins neither with a zero nor with a plus, as identifiers and telephone numbers do, and
# has not so many digits that it would be rounded.
_WHOLE, _FRACTION = "(?:0|[1-9][0-9]{0,14})", r"\.[0-9]+"
NUMBERS = (
    Kind("boolean", "true|True|TRUE|false|False|FALSE", _read_booleans),
    Kind("integer", "-?(?:0|[1-9][0-9]{0,18})", _read_integers),
    Kind(
        "number",
        rf"-?(?:{_WHOLE}(?:{_FRACTION}|\.)?|{_FRACTION})(?:[eE][+-]?[0-9]+)?",
        _read_numbers,
    ),
)

_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_TIME = r"[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?"
_DATE_FORMATS = {
    "%Y/%m/%d": "[0-9]{4}/[0-9]{1,2}/[0-9]{1,2}",
    "%d.%m.%Y": r"[0-9]{1,2}\.[0-9]{1,2}\.[0-9]{4}",
    "%d/%m/%Y": "[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}",
    "%m/%d/%Y": "[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}",
    "%d-%m-%Y": "[0-9]{1,2}-[0-9]{1,2}-[0-9]{4}",
    "%m-%d-%Y": "[0-9]{1,2}-[0-9]{1,2}-[0-9]{4}",
    "%d %B %Y": "[0-9]{1,2} [A-Za-z]+ [0-9]{4}",
    "%d %b %Y": "[0-9]{1,2} [A-Za-z]{3} [0-9]{4}",
    "%d-%b-%Y": "[0-9]{1,2}-[A-Za-z]{3}-[0-9]{4}",
    "%B %d, %Y": "[A-Za-z]+ [0-9]{1,2}, [0-9]{4}",
    "%b %d, %Y": "[A-Za-z]{3} [0-9]{1,2}, [0-9]{4}",
}
_TIME_FORMATS = {
    "": "",
    " %H:%M": " [0-9]{1,2}:[0-9]{2}",
    " %H:%M:%S": " [0-9]{1,2}(?::[0-9]{2}){2}",
}
DATES = (
    Kind("ISO 8601", f"{_DAY}(?:{_TIME})?", _times("ISO8601")),
    # Where zones differ, or clocks are put forward, only UTC is common to all.
    Kind(
        "ISO 8601 with zone",
        f"{_DAY}{_TIME}(?:Z|[+-][0-9]{{2}}(?::?[0-9]{{2}})?)",
        _times("ISO8601", "UTC"),
    ),
    *(
        Kind(date + time, _DATE_FORMATS[date] + _TIME_FORMATS[time], _times(date + time))
        for date, time in product(_DATE_FORMATS, _TIME_FORMATS)
    ),
)
KINDS = (*NUMBERS, *DATES)
