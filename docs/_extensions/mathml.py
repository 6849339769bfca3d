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
_IN_OTHER_WORDS = {r"\arg\max": r"\operatorname{arg\,max}", r"\arg\min": r"\operatorname{arg\,min}"}
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
    if unknown := re.search(r"<m[a-z]+>\\[a-zA-Z]+", element):
        raise ExtensionError(f"cannot write {latex!r} as MathML: {unknown.group()} is not known")
    return element


def _inline(translator: Any, node: nodes.math) -> None:
    translator.body.append(to_mathml(node.astext(), display=False))
    raise nodes.SkipNode


def _block(translator: Any, node: nodes.math_block) -> None:
    latex = node.astext().strip()
    tag = _TAG.search(latex)
    latex = _TAG.sub("", latex)
    # Lines and their ends are aligned, as LaTeX's "split" has it.
    if "\\\\" in latex and "\\begin" not in latex:
        latex = rf"\begin{{split}}{latex}\end{{split}}"
    translator.body.append(translator.starttag(node, "div", CLASS="formula", tabindex="0"))
    translator.body.append(to_mathml(latex, display=True))
    if tag:
        translator.body.append(f'<span class="eqno">({escape(tag.group(1))})</span>')
    translator.body.append("</div>\n")
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, bool]:
    """Add the renderer to Sphinx, and choose it."""
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    app.config.html_math_renderer = "mathml"  # type: ignore[attr-defined]
    return {"parallel_read_safe": True, "parallel_write_safe": True}
