"""Text of data in figures: shown as it is, with the fonts that the system has."""

import unicodedata
import warnings
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from topicgen.plain import plain, quoted

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Fonts for scripts that matplotlib's own font lacks, for whoever has them.
_FURTHER_FONTS = (
    "DejaVu Sans",
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",
    "Noto Sans CJK KR",
    "Noto Sans SC",
    "Noto Sans JP",
    "Noto Sans KR",
    "PingFang SC",
    "Hiragino Sans",
    "Hiragino Sans GB",
    "Microsoft YaHei",
    "Yu Gothic",
    "Malgun Gothic",
    "Apple SD Gothic Neo",
    "WenQuanYi Micro Hei",
    "Arial Unicode MS",
    "Noto Sans Arabic",
    "Noto Sans Hebrew",
    "Noto Sans Devanagari",
    "Noto Sans Bengali",
    "Noto Sans Tamil",
    "Noto Sans Thai",
    "Noto Sans Khmer",
    "Noto Sans Lao",
    "Nirmala UI",
    "Leelawadee UI",
    "Segoe UI Symbol",
    "Noto Sans Symbols",
    "Noto Sans Symbols 2",
)
_NO_GLYPH = "\N{WHITE SQUARE}"
_MOST_COLUMNS = 60
_MORE = 1.03  # hinting makes the letters of small text wider


def printable(text: object, most: int = _MOST_COLUMNS) -> str:
    r"""Return text of data on one line, as a figure can show it.

    Control characters and the like are shown as escapes, long text ends in "…", and a character
    that no installed font has becomes a box, with a warning.

    Args:
        text: any text, or a value to show as text.
        most: the width of the text in columns.

    Example:
        >>> print(printable("$x^2$\n" + "a" * 9, 12))
        $x^2$\naaaa…
    """
    shown = plain(str(text), most)
    if shown.isascii():
        return shown
    missing = [character for character in shown if not _has_glyph(character)]
    if missing:
        name = unicodedata.name(missing[0], f"U+{ord(missing[0]):04X}")
        warnings.warn(
            f"no installed font can show {quoted(missing[0])} ({name}), which becomes a box in "
            "figures; install a font of this script, such as one of the Noto fonts",
            stacklevel=2,
        )
    return "".join(_NO_GLYPH if character in missing else character for character in shown)


def measure(text: str, size: float) -> tuple[float, float]:
    """Return the width and the height of printable text, both in points.

    Args:
        text: one line or more.
        size: of the font, in points.
    """
    lines = text.split("\n")
    return max(_width(line, size) for line in lines), 1.2 * size * len(lines)


def shortened(text: str, width: float, size: float) -> str:
    """Return printable text that is at most so wide, ending in "…" if it has been cut.

    Args:
        text: one line.
        width: in points.
        size: of the font, in points.
    """
    if _width(text, size) <= width:
        return text
    low, high = 0, len(text) - 1
    while low < high:
        middle = (low + high + 1) // 2
        fits = _width(text[:middle].rstrip() + "…", size) <= width
        low, high = (middle, high) if fits else (low, middle - 1)
    return text[:low].rstrip(" ,") + "…"


def folded(text: str, width: float, size: float, most: int = 2) -> str:
    """Return printable text on lines that are at most so wide; what does not fit is cut.

    Args:
        text: one line.
        width: in points.
        size: of the font, in points.
        most: how many lines, at most.
    """
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and len(lines) < most and _width(longer, size) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return "\n".join(shortened(line, width, size) for line in lines)


def with_plain_text(figure: "Figure") -> "Figure":
    """Return the figure, in which no text is read as mathematics or TeX, with fonts for all of it.

    The first fonts are those of ``matplotlib.rcParams["font.family"]``.
    """
    from matplotlib.text import Text

    for text in figure.findobj(Text):
        text.set_parse_math(False)
        text.set_usetex(False)
        text.set_fontfamily(list(_families()))
    return figure


def _families() -> tuple[str, ...]:
    from matplotlib import rcParams

    return _found(tuple(rcParams["font.family"]), tuple(rcParams["font.sans-serif"]))


@lru_cache
def _found(families: tuple[str, ...], sans_serif: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names of the fonts to use, those of the families first.

    Names such as "sans-serif" are resolved, so that text is measured as it is drawn.
    """
    from matplotlib.font_manager import FontProperties, findfont, get_font

    files = [findfont(FontProperties(family=[name])) for name in families]
    return tuple(dict.fromkeys([*(get_font(file).family_name for file in files), *_installed()]))


@lru_cache
def _installed() -> tuple[str, ...]:
    from matplotlib.font_manager import fontManager

    known = {font.name for font in fontManager.ttflist}
    return tuple(name for name in _FURTHER_FONTS if name in known)


def _has_glyph(character: str) -> bool:
    from matplotlib.font_manager import get_font

    return any(get_font(file).get_char_index(ord(character)) for file in _files(_families()))


@lru_cache
def _files(families: tuple[str, ...]) -> tuple[str, ...]:
    from matplotlib.font_manager import FontProperties, findfont

    return tuple(dict.fromkeys(findfont(FontProperties(family=[name])) for name in families))


def _width(line: str, size: float) -> float:
    """Return the width of a line in points, from the widths of its characters."""
    return _MORE * size * sum(_advances(line, _files(_families())))


def _advances(line: str, files: tuple[str, ...]) -> Iterator[float]:
    for character in line:
        yield _advance(character, files)


@lru_cache(4096)
def _advance(character: str, files: tuple[str, ...]) -> float:
    """Return how far a character moves the next one, in units of the font's size."""
    from matplotlib.font_manager import get_font

    for file in files:
        font = get_font(file)
        if font.get_char_index(ord(character)):
            font.set_size(100, 72)
            glyph = font.load_char(ord(character))
            return float(glyph.linearHoriAdvance) / 65536 / 100
    return 1.0
