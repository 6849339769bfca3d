"""Rows of cells as aligned lines, for the plain form in which an object is shown."""

from collections.abc import Collection, Sequence

from topicgen.plain import display_width, pad, plain

_LONGEST = 60


def aligned(rows: Sequence[Sequence[str]], left: Collection[int] = ()) -> str:
    """Return rows with aligned columns: texts to the left, and numbers to the right.

    The last column may be of any length; other cells are cut where they are very long.

    Args:
        rows: the cells, first those of the header.
        left: the columns of text, besides the last.

    Example:
        >>> print(aligned([["topic", "share", "words"], ["3", "12.0%", "bank, rate"]]))
        topic  share  words
            3  12.0%  bank, rate
    """
    last = max(map(len, rows), default=0) - 1
    cells = [
        [plain(cell, None if at == last else _LONGEST) for at, cell in enumerate(row)]
        for row in rows
    ]
    widths = [max(map(display_width, column)) for column in zip(*cells, strict=True)]
    return "\n".join(
        "  ".join(
            cell if at == last else pad(cell, widths[at], right=at not in left)
            for at, cell in enumerate(row)
        ).rstrip()
        for row in cells
    )
