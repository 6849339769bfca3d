r"""Formulas as MathML, written when the site is built: browsers show it without any script.

A formula may end with ``\tag{1}``, which becomes its number at the right, as on GitHub.
"""

import re
from html import escape
from typing import Any

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

# What latex2mathml lacks, in words that it has.
_IN_OTHER_WORDS = {
    r"\arg\max": r"\operatorname{arg\,max}",
    r"\arg\min": r"\operatorname{arg\,min}",
    r"{aligned}": r"{split}",
    r"\bigl": r"\left",
    r"\Bigl": r"\left",
    r"\bigr": r"\right",
    r"\Bigr": r"\right",
}
# What it says in a way that browsers do not show as LaTeX does.
_BETTER = [
    # A relation has space around it, and so has the name of a function.
    (re.compile(r"<m[io]>&#x0007E;</m[io]>"), "<mo>&#x0223C;</mo>"),
    (
        re.compile(r"<m[io]>(log|exp|min|max)</m[io]>(?!<mo stretchy=\"\w+\"[^>]*>&#x00028;)"),
        r'<mi>\1</mi><mspace width="0.17em" />',
    ),
    (
        re.compile(r"(</mi>|</msub>|</msup>|</msubsup>|</mfrac>)<m[io]>(log|exp|min|max)</m[io]>"),
        r'\1<mspace width="0.17em" /><mi>\2</mi>',
    ),
    (re.compile(r"<m[io]>(log|exp|min|max)</m[io]>"), r"<mi>\1</mi>"),
    # Greek capitals are upright.
    (re.compile(r"<mi>(&#x0039[1-9A-F];|&#x003A[0-9];)</mi>"), r'<mi mathvariant="normal">\1</mi>'),
]
_UNKNOWN = re.compile(r"<m[a-z]+>(\\[a-zA-Z]+|&)<")
_TAG = re.compile(r"\\tag\{([^}]*)\}")


def to_mathml(latex: str, *, display: bool) -> str:
    """Return a formula as an element of MathML.

    Raises:
        ExtensionError: where the formula has a command that is not understood.
    """
    for words, others in _IN_OTHER_WORDS.items():
        latex = latex.replace(words, others)
    element = convert(latex, display="block" if display else "inline")
    # What latex2mathml does not know, it passes on as text.
    if unknown := _UNKNOWN.search(element):
        raise ExtensionError(f"cannot write {latex!r} as MathML: {unknown[1]} is not known")
    for pattern, better in _BETTER:
        element = pattern.sub(better, element)
    return element


def _inline(translator: Any, node: nodes.math) -> None:
    translator.body.append(to_mathml(node.astext(), display=False))
    raise nodes.SkipNode


def _block(translator: Any, node: nodes.math_block) -> None:
    latex = node.astext().strip()
    tag = _TAG.search(latex)
    latex = _TAG.sub("", latex)
    # A wide formula scrolls, and a reader without a mouse does so by the arrow keys.
    translator.body.append(translator.starttag(node, "div", CLASS="formula"))
    translator.body.append(f'<div tabindex="0">{to_mathml(latex, display=True)}</div>')
    if tag:
        translator.body.append(f"<span>({escape(tag[1])})</span>")
    translator.body.append("</div>\n")
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, bool]:
    """Add the renderer to Sphinx, and choose it."""
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    app.config.html_math_renderer = "mathml"  # type: ignore[attr-defined]
    return {"parallel_read_safe": True, "parallel_write_safe": True}
