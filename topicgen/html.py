"""HTML made of text that cannot act: every string is escaped, unless it was made here.

Words, labels and ids come from data, and may hold markup, control characters, or characters that
reverse the text around them. ``escape`` is the one door: ``tag`` sends each of its children and
attribute values through it, and leaves only what is ``Html`` already. Nothing here runs: there is
no script, and the style uses the colours of the page around it, so that it is readable in light
and in dark notebooks.
"""

import html
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from topicgen.plain import escape_hidden, plain

_VOID = {"br", "col", "hr", "img", "input", "link", "meta", "wbr"}


class Html(str):
    """Markup, as opposed to text: what ``escape``, ``tag`` and the functions below return."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        return str(self)


def escape(text: Any) -> Html:
    r"""Return text as HTML that shows it; what is ``Html`` already is returned unchanged.

    Characters that act or hide, such as control characters and those that override the direction
    of text, become visible escapes; line breaks and tabs stay.

    Example:
        >>> print(escape('<script>alert("1 & 2")</script>\x1b[2J\u202e'))
        &lt;script&gt;alert(&quot;1 &amp; 2&quot;)&lt;/script&gt;\x1b[2J\u202e
    """
    if isinstance(text, Html):
        return text
    return Html(html.escape(escape_hidden(str(text), _escape_character), quote=True))


def tag(name: str, *children: Any, **attributes: Any) -> Html:
    """Return an element with its children, escaped, and its attributes.

    An underscore at the end of an attribute's name is dropped, and others become hyphens. An
    attribute that is None or False is left out; True gives its name alone.

    Example:
        >>> tag("td", "a < b", class_="number", data_topic=3, hidden=False)
        '<td class="number" data-topic="3">a &lt; b</td>'
        >>> tag("ul", *[tag("li", word) for word in ("bank", "rate")])
        '<ul><li>bank</li><li>rate</li></ul>'
    """
    written = "".join(
        f" {_name(key)}" if value is True else f' {_name(key)}="{escape(value)}"'
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    if name in _VOID:
        return Html(f"<{name}{written}>")
    return Html(f"<{name}{written}>{join(children)}</{name}>")


def join(parts: Iterable[Any], between: str = "") -> Html:
    """Return parts, each escaped, one after another, with escaped text between them.

    Example:
        >>> join(["<b>", tag("b", "bank")], between=" & ")
        '&lt;b&gt; &amp; <b>bank</b>'
    """
    return Html(escape(between).join(map(escape, parts)))


def table(
    header: Sequence[Any],
    rows: Iterable[Sequence[Any]],
    *,
    caption: Any = None,
    numbers: Sequence[int] = (),
) -> Html:
    """Return a table, whose first cells are the headings of their rows.

    Args:
        header: the heading of each column.
        rows: the cells of each row, as many as there are columns.
        caption: what the table shows.
        numbers: the columns of numbers, which are set flush right.

    Example:
        >>> table(["topic", "share"], [[0, "75%"]], numbers=[1])  # doctest: +ELLIPSIS
        '<table><thead><tr><th scope="col">topic</th>...<td class="number">75%</td>...</table>'
    """
    kinds = ["number" if column in numbers else None for column in range(len(header))]
    heads = [
        tag("th", cell, scope="col", class_=kind) for cell, kind in zip(header, kinds, strict=True)
    ]
    body = []
    for row in rows:
        first, *others = (
            tag("td" if column else "th", cell, scope=None if column else "row", class_=kind)
            for column, (cell, kind) in enumerate(zip(row, kinds, strict=True))
        )
        body.append(tag("tr", first, *others))
    parts = [] if caption is None else [tag("caption", caption)]
    return tag("table", *parts, tag("thead", tag("tr", *heads)), tag("tbody", *body))


def bar(share: float, text: Any, *, longest: float = 1.0) -> Html:
    """Return a number with a bar before it, as long as its share of the longest.

    The bar repeats what the number says, so that screen readers leave it out.

    Example:
        >>> bar(0.25, "25%", longest=0.5)  # doctest: +ELLIPSIS
        '<span class="of"><span class="bar" ...><span style="width: 50%"></span></span> 25%</span>'
    """
    width = min(share / longest, 1.0) if longest > 0 and share > 0 else 0.0
    inner = tag("span", style=f"width: {100 * width:.3g}%")
    return tag("span", tag("span", inner, class_="bar", aria_hidden="true"), " ", text, class_="of")


class Mark(NamedTuple):
    """A part of a text to be marked.

    Args:
        start: its first character.
        end: the one after its last.
        style: of the mark, CSS.
        title: what a pointer at it shows.
        note: what follows the marked text, in small print.
    """

    start: int
    end: int
    style: str | None = None
    title: str | None = None
    note: str | None = None


def marked(text: str, marks: Iterable[Mark]) -> Html:
    """Return a text with some of its parts marked; of those that overlap, the first.

    Example:
        >>> marked("banks & <rates>", [Mark(0, 5), Mark(3, 6), Mark(9, 14, title="topic 1")])
        '<mark>banks</mark> &amp; &lt;<mark title="topic 1">rates</mark>&gt;'
    """
    parts: list[Any] = []
    at = 0
    for mark in sorted(marks, key=lambda mark: (mark.start, -mark.end)):
        if mark.start < at or mark.end <= mark.start:
            continue
        note = [] if mark.note is None else [tag("sub", mark.note)]
        own = text[mark.start : mark.end]
        parts += [text[at : mark.start]]
        parts += [tag("mark", own, *note, style=mark.style, title=mark.title)]
        at = mark.end
    return join([*parts, text[at:]])


def fragment(*parts: Any) -> Html:
    """Return parts as a piece of a notebook's page, with the style that they need.

    Example:
        >>> fragment(tag("p", "two topics")).count("<style>")
        1
    """
    return tag("div", tag("style", STYLE), *parts, class_="topicgen")


def facts(title: Any, phrases: Iterable[Any]) -> Html:
    """Return a title and some facts about it, in one line.

    Example:
        >>> facts("Corpus", ["2,225 documents", "8,816 words"])  # doctest: +ELLIPSIS
        '<p class="facts"><b>Corpus</b> <span>2,225 documents</span> · <span>...</span></p>'
    """
    items = join([tag("span", phrase) for phrase in phrases], " · ")
    return tag("p", tag("b", title), " ", items, class_="facts")


def _name(key: str) -> str:
    return key.removesuffix("_").replace("_", "-")


def _escape_character(character: str) -> str:
    return character if character in "\n\t" else plain(character)


STYLE = Html(
    """
.topicgen { max-width: 72em; }
.topicgen table { border-collapse: collapse; color: inherit; background: none; }
.topicgen caption { text-align: left; padding: .3em 0; font-weight: bold; color: inherit; }
.topicgen th, .topicgen td { text-align: left; vertical-align: top; padding: .25em .8em .25em 0;
  border: 0; border-bottom: 1px solid rgba(128, 128, 128, .35); background: none; }
.topicgen th { font-weight: 600; }
.topicgen .number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.topicgen .of { white-space: nowrap; }
.topicgen .bar { display: inline-block; width: 4em; height: .7em; margin-right: .3em;
  background: rgba(128, 128, 128, .2); text-align: left; }
.topicgen .bar span { display: block; height: 100%; background: #3b7dd8; }
.topicgen .facts { margin: .3em 0; }
.topicgen mark { color: inherit; background: rgba(59, 125, 216, .25);
  border-bottom: 2px solid #3b7dd8; border-radius: 2px; padding: 0 .1em; }
.topicgen mark sub { font-size: .7em; line-height: 0; margin-left: .15em; opacity: .9; }
.topicgen .text { line-height: 1.7; white-space: pre-wrap; overflow-wrap: anywhere; }
.topicgen .key { list-style: none; padding: 0; margin: .3em 0; }
.topicgen .key li { display: inline-block; margin-right: 1.2em; }
"""
)
