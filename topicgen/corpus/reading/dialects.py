"""How the fields of CSV and TSV are delimited: as given, or as detected from the first rows."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from topicgen.corpus.reading import streams
from topicgen.errors import InputError
from topicgen.plain import quoted

TAB = "\t"
DELIMITERS = (",", ";", TAB, "|")
_NAMES = {"tab": TAB, r"\t": TAB, "comma": ",", "semicolon": ";", "pipe": "|", "space": " "}
NO_QUOTE = "none"


class Layout(NamedTuple):
    """How the fields of a table are delimited, where that is named.

    Args:
        delimiter: between fields: one character, or "tab"; None to see it from the first rows.
        header: whether the first row names the columns; otherwise they are "1", "2" and so on.
        quote: around fields: one character, or "none"; None to see it from the first rows.
        escape: before a quote inside a quoted field, as a backslash; None to see it from the first
            rows.
    """

    delimiter: str | None = None
    header: bool = True
    quote: str | None = None
    escape: str | None = None

    def checked(self) -> "Layout":
        r"""Return the same with single characters.

        >>> Layout(delimiter="tab").checked().delimiter
        '\t'

        Raises:
            InputError: where something is not a single character.
        """
        delimiter = self.delimiter and _NAMES.get(self.delimiter.lower(), self.delimiter)
        marks = {"delimiter": delimiter, "quote": self.quote, "escape": self.escape}
        for name, mark in marks.items():
            is_none = name == "quote" and mark == NO_QUOTE
            if mark is not None and not is_none and (len(mark) != 1 or mark in "\r\n\0"):
                word = {"delimiter": " or 'tab'", "quote": " or 'none'"}.get(name, "")
                raise InputError(
                    f"expected a single character{word} as --{name}, got {quoted(mark)}; pass one"
                )
        given = [mark for mark in marks.values() if mark is not None]
        if len(set(given)) < len(given):
            raise InputError(
                f"expected different characters as --delimiter, --quote and --escape, got {given}; "
                "change one of them"
            )
        return self._replace(delimiter=delimiter)

    def named(self) -> str | None:
        """Return the name of an option that was given, or None.

        >>> Layout().named(), Layout(header=False).named()
        (None, '--no-header')
        """
        if not self.header:
            return "--no-header"
        marks = {"delimiter": self.delimiter, "quote": self.quote, "escape": self.escape}
        return next((f"--{name}" for name, mark in marks.items() if mark is not None), None)


AS_IT_LOOKS = Layout()

# How well rows go with the first one: all have as many fields, or that but for quotes that are
# taken for plain ones, or not even that.
_EVEN, _SPACES_BEFORE_QUOTES, _UNEVEN = 2, 1, 0


class Dialect(NamedTuple):
    """How ``csv.reader`` is to read a table."""

    delimiter: str
    quote: str | None = '"'
    escape: str | None = None
    skips_spaces: bool = False
    is_lines: bool = False  # every line is a row, and quotes around whole fields are removed

    def reader(self, lines: Iterable[str]) -> Any:
        """Return what ``csv`` makes of lines."""
        # Strict: otherwise an unclosed quote swallows the rest of the file without a word.
        if self.quote is None or self.is_lines:
            return csv.reader(
                lines, delimiter=self.delimiter, quoting=csv.QUOTE_NONE, escapechar=self.escape
            )
        return csv.reader(
            lines,
            delimiter=self.delimiter,
            quotechar=self.quote,
            escapechar=self.escape,
            skipinitialspace=self.skips_spaces,
            strict=True,
        )

    def clean(self, row: list[str]) -> list[str]:
        """Return a row without the quotes around its fields, where ``csv`` has left them."""
        if not self.is_lines or self.quote is None:
            return row
        return [self._unquoted(field) for field in row]

    def _unquoted(self, field: str) -> str:
        quote = str(self.quote)
        if len(field) < 2 or not (field.startswith(quote) and field.endswith(quote)):
            return field
        inner = field[1:-1]
        plain = inner.replace(quote + quote, "")
        return field if quote in plain else inner.replace(quote + quote, quote)


def choose_dialect(
    sample: list[str],
    is_whole: bool,
    layout: Layout,
    delimiters: Sequence[str],
    wanted: Sequence[str],
) -> Dialect:
    """Return the first dialect that fits the first lines, or the likeliest if none does."""
    likeliest, most = Dialect(layout.delimiter or delimiters[0]), (-1, 0, False)
    for dialect in _dialects(sample, layout, delimiters):
        header, evenness = _try(dialect, sample, is_whole)
        names = [field.strip() for field in header]
        n_found = sum(column in names for column in wanted)
        fit = (n_found, evenness, len(header) > 1)
        # A table of one column shows no delimiter: it is that of the first dialect.
        if fit > most and (len(header) > 1 or most[0] < 0 or dialect.delimiter == delimiters[0]):
            likeliest, most = dialect, fit
        if evenness == _EVEN and n_found == len(wanted) and (wanted or len(header) > 1):
            break
    return likeliest


def _dialects(sample: list[str], layout: Layout, delimiters: Sequence[str]) -> Iterator[Dialect]:
    """Yield the dialects that may be, the usual ones first."""
    text = "".join(sample)
    for delimiter in [layout.delimiter] if layout.delimiter else delimiters:
        if layout.quote == NO_QUOTE:
            yield Dialect(delimiter, None, layout.escape)
            continue
        plain = Dialect(delimiter, layout.quote or '"', layout.escape)
        if delimiter == TAB and layout.quote is None and _is_row_a_line(sample):
            yield plain._replace(is_lines=True)
        yield plain
        if delimiter != " " and f"{delimiter} {plain.quote}" in text:
            yield plain._replace(skips_spaces=True)
        if layout.escape is None and "\\" + str(plain.quote) in text:
            yield plain._replace(escape="\\")
        if delimiter == TAB and layout.quote is None:
            yield Dialect(delimiter, None, layout.escape)


def _is_row_a_line(sample: list[str]) -> bool:
    numbers = {line.count(TAB) for line in sample if line.strip()}
    return len(numbers) == 1 and numbers != {0}


def _try(dialect: Dialect, sample: list[str], is_whole: bool) -> tuple[list[str], int]:
    """Return the first row of some lines, and how well the others go with it."""
    header: list[str] = []
    evenness = _EVEN
    begins = f" {dialect.quote}"
    with field_limit():
        try:
            for row in dialect.reader(sample):
                header = header or row
                if row and len(row) != len(header):
                    return header, _UNEVEN
                if any(field.startswith(begins) for field in row):
                    evenness = _SPACES_BEFORE_QUOTES
        except csv.Error as error:
            # A quote that is open at the end of the sample may be closed behind it.
            if is_whole or "unexpected end of data" not in str(error):
                return header, _UNEVEN
    return header, evenness


@contextmanager
def field_limit() -> Iterator[None]:
    """Lend the process our limit for the size of a field, by default 131,072 characters."""
    limit = csv.field_size_limit(streams.MAX_DOCUMENT_BYTES)
    try:
        yield
    finally:
        csv.field_size_limit(limit)
