"""Headers of numbers, which give the shape of the counts below them."""

from collections.abc import Iterator
from typing import BinaryIO

from topicgen.corpus.formats.text.lines import read_blocks
from topicgen.corpus.formats.text.numerals import parse_count
from topicgen.errors import InputError
from topicgen.plain import quoted


class Header:
    """The first lines of a stream, read one by one.

    Args:
        stream: the stream.
        name: the stream's name, for an error.
    """

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self.name = name
        self.n_lines = 0
        self._blocks = read_blocks(stream, name)
        self._rest = b""

    @property
    def where(self) -> str:
        """The place of the line that was read last."""
        return f"{self.name}, line {self.n_lines}"

    def next_line(self) -> str:
        """Return the next line, without the blanks around it.

        Raises:
            InputError: where the stream is at its end.
        """
        if not self._rest:
            _, self._rest = next(self._blocks, (0, b""))
        if not self._rest:
            found = f"the end of {self.name}" if self.n_lines else f"an empty file {self.name}"
            raise InputError(f"expected a header, got {found}; fetch it again")
        line, _, self._rest = self._rest.partition(b"\n")
        self.n_lines += 1
        return line.decode("utf-8", "backslashreplace").strip()

    def numbers(self, line: str, expected: str) -> list[int]:
        """Return the numbers on the line that was read last.

        Args:
            line: the line.
            expected: what each number is, a word for each.

        Raises:
            InputError: where there are not as many, or one is no whole number from 0.
        """
        fields = line.split()
        if len(fields) != len(expected.split()):
            raise InputError(
                f"expected the numbers {quoted(expected)} in the header, got {quoted(line)} in "
                f"{self.where}; correct it"
            )
        return [parse_count(field, self.where) for field in fields]

    def blocks(self) -> Iterator[tuple[int, bytes]]:
        """Yield what follows the header, as ``read_blocks`` does."""
        if self._rest:
            yield self.n_lines + 1, self._rest
        yield from self._blocks
