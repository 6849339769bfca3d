"""Topics as a plain-text table."""

from collections.abc import Mapping, Sequence, Set

from topicgen.errors import InputError, listed, shown
from topicgen.plain import display_width
from topicgen.rows import EIGHTHS, aligned, bar
from topicgen.visualization.cells import name_cell, words_cell

# The longest bar, by the least width of a window for it, and the shortest that says something.
_LONGEST = {100: 20, 72: 12, 40: 8}
_SHORTEST = 4
# Columns of the window that the number, share, presence and amount take.
_NUMBERS = 32


def topic_table(
    shares: Sequence[float],
    presences: Sequence[float],
    amounts: Sequence[float | None],
    words: Sequence[Sequence[str]],
    width: int | None = None,
    *,
    names: Sequence[str | None] | None = None,
    steps: str = EIGHTHS,
) -> str:
    """Return the topics, the largest first: number, shares and top words of each.

    Args:
        shares: each topic's share of all tokens, from 0 to 1, shape (n_topics,).
        presences: the share of the documents in which each topic occurs, likewise.
        amounts: each topic's share of the tokens in these documents, likewise; None where it occurs
            nowhere.
        words: the top words of each topic, the best first.
        width: of the window, in columns: the table fits it, and has a bar for each share, compared
            with the largest. None for a table of one line per topic, without bars.
        names: the name of each topic, None for those without; without it there is no such column.
        steps: the characters of the bars, as for ``topicgen.rows.bar``.

    Raises:
        InputError: where an argument is no list, or of another length.

    Example:
        >>> words = [["cat", "purrs"], ["stocks", "fell"]]
        >>> print(topic_table([0.25, 0.75], [0.31, 0.94], [0.81, 0.8], words))
        topic  share  presence  amount  words
            1  75.0%       94%     80%  stocks, fell
            0  25.0%       31%     81%  cat, purrs
        >>> print(topic_table([0.25, 0.75], [0.31, 0.94], [0.81, 0.8], words, width=72))
        topic                share  presence  amount  words
            1  ████████████  75.0%       94%     80%  stocks, fell
            0  ████          25.0%       31%     81%  cat, purrs
    """
    given = (("shares", shares), ("presences", presences), ("amounts", amounts), ("words", words))
    for name, values in given:
        found = listed(values)
        if found is None or isinstance(values, Set | Mapping):
            raise InputError(
                f"{name} must be a list with one for each topic, got {shown(values)} "
                f"({type(values).__name__})"
            )
        if len(found) != len(shares):
            raise InputError(f"{name} must be {len(shares)}, as shares are, got {len(found)}")
    order = sorted(range(len(shares)), key=lambda topic: -shares[topic])
    shown_names = [""] * len(shares) if names is None else _names(names, width)
    longest = 0 if width is None else _bar_length(width, shown_names)
    most = max(shares, default=0.0) or 1.0
    rows = [["topic", "name", "", "share", "presence", "amount", "words"]]
    for topic in order:
        rows.append(
            [
                str(topic),
                shown_names[topic],
                bar(shares[topic] / most, longest, steps),
                f"{shares[topic]:.1%}",
                _percent(presences[topic]),
                _percent(amounts[topic]),
                words_cell(words[topic]),
            ]
        )
    absent = {1} if names is None else set()
    absent |= set() if longest else {2}
    visible = [at for at in range(len(rows[0])) if at not in absent]
    left = [place for place, at in enumerate(visible) if at in (1, 2)]
    return aligned(
        [[row[at] for at in visible] for row in rows], left=left, has_text=True, width=width
    )


def _names(names: Sequence[str | None], width: int | None) -> list[str]:
    """Return the names as cells, cut to a quarter of a window or to what the numbers leave."""
    most = None if width is None else max(min(width // 4, width - _NUMBERS), 8)
    return [name_cell(name or "", most) for name in names]


def _bar_length(width: int, names: Sequence[str]) -> int:
    """Return how long the bar of the largest topic is, or 0 where there is no room."""
    longest = next((length for least, length in _LONGEST.items() if width >= least), 0)
    taken = max((len("name"), *map(display_width, names))) + 2 if any(names) else 0
    length = min(longest, width - _NUMBERS - taken)
    return length if length >= _SHORTEST else 0


def _percent(share: float | None) -> str:
    """Return a share in whole per cent, or in tenths where that would hide it.

    Example:
        >>> _percent(0.314), _percent(0.0034), _percent(None)
        ('31%', '0.3%', '')
    """
    if share is None:
        return ""
    return f"{share:.1%}" if 0 < share < 0.01 else f"{share:.0%}"
