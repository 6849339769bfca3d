"""Topics as a plain-text table."""

import textwrap
from collections.abc import Sequence


def topic_table(
    shares: Sequence[float],
    presences: Sequence[float],
    amounts: Sequence[float | None],
    words: Sequence[Sequence[str]],
    width: int | None = None,
    *,
    names: Sequence[str | None] | None = None,
) -> str:
    """Return one line per topic, the largest first: its number, its shares and its top words.

    Args:
        shares: each topic's share of all tokens, from 0 to 1, shape (n_topics,).
        presences: the share of the documents in which each topic occurs, likewise.
        amounts: each topic's share of the tokens in these documents, likewise; None where it occurs
            nowhere.
        words: the top words of each topic, the most probable first.
        width: characters per line, after which a topic's words wrap; None for no limit.
        names: the name of each topic, None for those without; without it there is no such column.

    Example:
        >>> words = [["cat", "purrs"], ["stocks", "fell"]]
        >>> print(topic_table([0.25, 0.75], [0.31, 0.94], [0.81, 0.8], words))
        topic  share  presence  amount  words
            1  75.0%       94%     80%  stocks, fell
            0  25.0%       31%     81%  cat, purrs
    """
    header, labels = "", [""] * len(shares)
    if names is not None:
        known = [name or "" for name in names]
        n_characters = max(map(len, ["name", *known]))
        header, *labels = (f"  {name:<{n_characters}}" for name in ["name", *known])
    lines = [f"topic{header}  share  presence  amount  words"]
    for topic in sorted(range(len(shares)), key=lambda topic: -shares[topic]):
        presence, amount = _percent(presences[topic]), _percent(amounts[topic])
        start = f"{topic:>5}{labels[topic]} {shares[topic]:>6.1%} {presence:>9} {amount:>7}  "
        lines.extend(_wrap(", ".join(words[topic]), start, width))
    return "\n".join(lines)


def _percent(share: float | None) -> str:
    """Return a share in whole per cent, or in tenths where that would hide it.

    Example:
        >>> _percent(0.314), _percent(0.0034), _percent(None)
        ('31%', '0.3%', '')
    """
    if share is None:
        return ""
    return f"{share:.1%}" if 0 < share < 0.01 else f"{share:.0%}"


def _wrap(text: str, start: str, width: int | None) -> list[str]:
    if width is None:
        return [start + text]
    # A very narrow terminal still gets one word per line, and breaks that line itself.
    return textwrap.wrap(
        text,
        width=max(width, len(start) + 20),
        initial_indent=start,
        subsequent_indent=" " * len(start),
        break_long_words=False,
        break_on_hyphens=False,
    ) or [start.rstrip()]
