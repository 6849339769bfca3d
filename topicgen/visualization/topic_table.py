"""Topics as a plain-text table."""

import textwrap
from collections.abc import Sequence


def topic_table(
    shares: Sequence[float], words: Sequence[Sequence[str]], width: int | None = None
) -> str:
    """Return one line per topic, the largest first: its number, its share and its top words.

    Args:
        shares: each topic's share of all tokens, from 0 to 1, shape (n_topics,).
        words: the top words of each topic, the most probable first.
        width: characters per line, after which a topic's words wrap; None for no limit.

    Example:
        >>> print(topic_table([0.25, 0.75], [["cat", "purrs"], ["stocks", "fell"]]))
        topic  share  words
            1  75.0%  stocks, fell
            0  25.0%  cat, purrs
    """
    lines = ["topic  share  words"]
    for topic in sorted(range(len(shares)), key=lambda topic: -shares[topic]):
        start = f"{topic:>5} {shares[topic]:>6.1%}  "
        lines.extend(_wrap(", ".join(words[topic]), start, width))
    return "\n".join(lines)


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
