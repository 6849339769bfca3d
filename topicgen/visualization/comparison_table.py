"""Comparisons of models as plain-text tables."""

from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from topicgen.plain import pad, plain, wrap
from topicgen.rows import aligned
from topicgen.visualization.cells import (
    fixed,
    interval,
    margin,
    name_cell,
    perplexity_digits,
    words_cell,
)

if TYPE_CHECKING:
    import pandas as pd


def scores_table(scores: "pd.DataFrame", width: int | None = None) -> str:
    """Return a table of the models' scores, one line per model.

    Args:
        scores: as in :class:`topicgen.comparison.Comparison`.
        width: of the window that the table fits, in columns; None for no limit.
    """
    header = [
        "model",
        "topics",
        "tokens",
        "perplexity",
        "95% interval",
        "NPMI, 95%",
        "diversity",
        "inv. RBO",
        "FREX",
    ]
    rows = [
        [
            str(row.Index),
            str(row.n_topics),
            f"{row.n_tokens:,}",
            fixed(row.perplexity, 1),
            interval(
                row.perplexity_low, row.perplexity_high, perplexity_digits(row.perplexity_low)
            ),
            margin(row.npmi, row.npmi_high, 3),
            fixed(row.topic_diversity, 3),
            fixed(row.inverted_rbo, 3),
            fixed(row.exclusivity, 3),
        ]
        for row in scores.itertuples()
    ]
    return aligned([header, *rows], left=[0], width=width)


def pairs_table(tests: "pd.DataFrame", width: int | None = None) -> str:
    """Return one line per pair of models: how similar their topics are, and which predicts better.

    Args:
        tests: as in :class:`topicgen.comparison.Comparison`.
        width: of the window that the table fits, in columns; None for no limit.
    """
    header = ["model", "other", "similarity", *_DIFFERENCES]
    rows = [
        [str(row.model), str(row.other), fixed(row.similarity, 3), *_differences(row)]
        for row in tests.itertuples()
    ]
    title = "similarity of matched topics; model minus other, with 95% intervals over documents:"
    return _titled(title, aligned([header, *rows], left=[0, 1], n_keys=2, width=width), width)


def settings_table(settings: "pd.DataFrame", width: int | None = None) -> str:
    """Return one line per setting: the means of its models, their spread and their stability.

    Args:
        settings: as in :class:`topicgen.comparison.Comparison`.
        width: of the window that the table fits, in columns; None for no limit.
    """
    header = [
        "setting",
        "seeds",
        "perplexity",
        "95% interval",
        "s.d.",
        "NPMI, 95%",
        "s.d.",
        "stability",
    ]
    rows = [
        [
            str(row.Index),
            str(len(row.models)),
            fixed(row.perplexity, 1),
            interval(
                row.perplexity_low, row.perplexity_high, perplexity_digits(row.perplexity_low)
            ),
            fixed(row.perplexity_sd, 1),
            margin(row.npmi, row.npmi_high, 3),
            fixed(row.npmi_sd, 3),
            fixed(row.stability, 3),
        ]
        for row in settings.itertuples()
    ]
    title = "settings, averaged over seeds, with 95% intervals over documents and seeds:"
    return _titled(title, aligned([header, *rows], left=[0], width=width), width)


def setting_pairs_table(tests: "pd.DataFrame", width: int | None = None) -> str:
    """Return one line per pair of settings: which predicts better, and which is more coherent.

    Args:
        tests: ``setting_tests`` of :class:`topicgen.comparison.Comparison`.
        width: of the window that the table fits, in columns; None for no limit.
    """
    header = ["setting", "other", *_DIFFERENCES]
    rows = [[str(row.setting), str(row.other), *_differences(row)] for row in tests.itertuples()]
    title = "setting minus other, with 95% intervals over documents and seeds:"
    return _titled(title, aligned([header, *rows], left=[0, 1], n_keys=2, width=width), width)


_DIFFERENCES = ["nats per token", "95% interval", "p", "p, Holm", "NPMI, 95%"]


def _differences(row: Any) -> list[str]:
    return [
        fixed(row.difference, 4, sign="+"),
        interval(row.low, row.high, 4, sign="+"),
        _p(row.p_value),
        _p(row.p_holm),
        margin(row.npmi_difference, row.npmi_difference_high, 3, sign="+"),
    ]


def matches_table(matches: "pd.DataFrame", n: int | None = None, width: int = 100) -> str:
    """Return the matched topics of models side by side, the least similar first.

    Args:
        matches: as in :class:`topicgen.comparison.Comparison`.
        n: how many matched topics to show per pair of models; None shows all.
        width: characters per line.

    Example:
        >>> import pandas as pd
        >>> pair = {"model": "a", "topic": 0, "other": "b", "other_topic": 7, "similarity": 2 / 3}
        >>> pair |= {"words": ["bank", "rate"], "other_words": ["bank", "loan"]}
        >>> print(matches_table(pd.DataFrame([pair]), width=50))
        topics of a and their matches in b:
        similarity  a                  b
             0.667    0 bank, rate       7 bank, loan
    """
    column = max((width - len("similarity") - 3) // 2, 8)
    blocks = []
    for (model, other), group in matches.groupby(["model", "other"], sort=False):
        shown = group.sort_values("similarity", kind="stable").head(n or len(group))
        which = (
            f", the {len(shown)} least similar of {len(group)}" if len(shown) < len(group) else ""
        )
        one, two = name_cell(str(model)), name_cell(str(other))
        lines = [
            *wrap(f"topics of {one} and their matches in {two}{which}:", width),
            _side_by_side("similarity", plain(one, column), plain(two, column), column),
        ]
        for row in shown.itertuples():
            sides = (
                [fixed(row.similarity, 3)],
                _wrapped(row.topic, row.words, column),
                _wrapped(row.other_topic, row.other_words, column),
            )
            for cells in zip_longest(*sides, fillvalue=""):
                lines.append(_side_by_side(*cells, column))
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks)


def _p(value: float) -> str:
    return "<0.0001" if value < 1e-4 else fixed(value, 4)


def _titled(title: str, rows: str, width: int | None) -> str:
    return "\n".join([*([title] if width is None else wrap(title, width)), rows])


def _side_by_side(start: str, one: str, two: str, column: int) -> str:
    return f"{start:>10}  {pad(one, column)} {two}".rstrip()


def _wrapped(topic: int, words: list[str], width: int) -> list[str]:
    # One space is left before the next column.
    first, *others = wrap(words_cell(words), max(width - 5, 1))
    return [f"{topic:>3} {first}", *(f"    {line}" for line in others)]
