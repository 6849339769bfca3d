"""Rows of cells as a plain-text table, which fits the window of a terminal where there is one."""

from collections.abc import Collection, Iterator, Sequence

from topicgen.plain import display_width, pad, plain, wrap

_GAP = "  "
# A column of words beside the others needs this many columns of the window; with fewer, the words
# go below.
_LEAST_TEXT = 24
# Columns of a terminal that any cell may take, but the text at the end.
_LONGEST = 60
# The parts of a character that a bar may end in, the full one last.
EIGHTHS = " ▏▎▍▌▋▊▉█"
ASCII = " #"


def aligned(
    rows: Sequence[Sequence[str]],
    *,
    left: Collection[int] = (),
    has_text: bool = False,
    n_keys: int = 1,
    width: int | None = None,
    indent: int = 0,
) -> str:
    """Return rows with aligned columns, to the right where ``left`` does not name them.

    Columns that do not fit the window follow in further blocks, each beginning with the keys.

    Args:
        rows: the cells, first those of the header.
        left: the numbers of the columns that are aligned to the left.
        has_text: whether the last column is a text of any length. In a window, it goes on in the
            next line; in a narrow one, it is below the other cells.
        n_keys: how many columns, the first ones, say what a row is about; at least one.
        width: of the window, in columns; None for no limit.
        indent: spaces before each line.

    Example:
        >>> rows = [["model", "topics", "NPMI", "words"], ["bbc", "20", "0.297", "bank, rate"]]
        >>> print(aligned(rows, left=[0], has_text=True))
        model  topics   NPMI  words
        bbc        20  0.297  bank, rate
        >>> print(aligned(rows, left=[0], has_text=True, width=16))
        model  topics
        bbc        20
           bank, rate
        <BLANKLINE>
        model   NPMI
        bbc    0.297
    """
    cells = [list(row) for row in rows]
    texts = [plain(row.pop()) if has_text else "" for row in cells]
    cells = [[plain(cell, _LONGEST) for cell in row] for row in cells]
    room = None if width is None else max(width - indent, 1)
    if room is not None:
        _shorten(cells, n_keys, room)
    columns = [_column(column, at in left) for at, column in enumerate(zip(*cells, strict=True))]
    blocks = []
    for chosen in _blocks(columns, n_keys, room):
        starts = [_GAP.join(row) for row in zip(*(columns[at] for at in chosen), strict=True)]
        below = min(display_width(columns[0][0]) + len(_GAP), (room or 0) // 5)
        lines = list(_with_text(starts, texts, room, below))
        blocks.append("\n".join((" " * indent + line).rstrip() for line in lines))
        texts = [""] * len(texts)
    return "\n\n".join(blocks)


def bar(share: float, width: int, steps: str = EIGHTHS) -> str:
    """Return a bar for a share of the full width.

    Args:
        share: from 0 to 1.
        width: of a full bar, in characters.
        steps: nothing, then what a bar may end in, the full character last.

    Example:
        >>> bar(0.5, 5), bar(1, 3), bar(0.001, 5), bar(0.5, 5, ASCII)
        ('██▌', '███', '▏', '##')
    """
    n_steps = len(steps) - 1
    full, rest = divmod(round(share * width * n_steps), n_steps)
    if share > 0 and not full:
        rest = max(rest, 1)
    return steps[-1] * full + (steps[rest] if rest else "")


def _shorten(cells: list[list[str]], n_keys: int, room: int) -> None:
    """Cut long keys, and headers of other columns, so that one column fits beside the keys."""
    gaps = len(_GAP) * n_keys
    most = max((room * 3 // 5 - gaps) // n_keys, 6)
    for row in cells:
        row[:n_keys] = [plain(cell, most) for cell in row[:n_keys]]
    keys = sum(max(display_width(row[key]) for row in cells) for key in range(n_keys))
    cells[0][n_keys:] = [plain(cell, max(room - keys - gaps, 6)) for cell in cells[0][n_keys:]]


def _column(cells: Sequence[str], to_left: bool) -> list[str]:
    width = max(map(display_width, cells))
    return [pad(cell, width, right=not to_left) for cell in cells]


def _blocks(columns: list[list[str]], n_keys: int, room: int | None) -> Iterator[list[int]]:
    """Yield the columns of each block, as many as fit beside the keys, and at least one."""
    keys = list(range(n_keys))
    chosen = keys.copy()
    for at in range(n_keys, len(columns)):
        widths = [display_width(columns[column][0]) for column in (*chosen, at)]
        taken = sum(widths) + len(_GAP) * (len(widths) - 1)
        if room is not None and taken > room and chosen != keys:
            yield chosen
            chosen = keys.copy()
        chosen.append(at)
    yield chosen


def _with_text(starts: list[str], texts: list[str], room: int | None, below: int) -> Iterator[str]:
    """Yield the lines of a block, with each row's text beside it, or below it and indented."""
    width = display_width(starts[0]) + len(_GAP)
    if room is None or not any(texts):
        yield from (f"{start}{_GAP}{text}" for start, text in zip(starts, texts, strict=True))
    elif room - width >= min(_LEAST_TEXT, max(map(display_width, texts))):
        for start, text in zip(starts, texts, strict=True):
            first, *others = wrap(text, room - width)
            yield f"{start}{_GAP}{first}"
            yield from (" " * width + line for line in others)
    else:
        yield starts[0]
        for start, text in zip(starts[1:], texts[1:], strict=True):
            yield start
            yield from (" " * below + line for line in wrap(text, max(room - below, 1)))
