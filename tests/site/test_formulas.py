"""Formulas become MathML."""

import pytest


def test_inline(extension):
    found = extension("mathml").to_mathml(r"z \sim p_k", display=False)
    assert found.startswith("<math")
    assert "<mo>&#x0223C;</mo>" in found


def test_what_is_not_understood_is_an_error(extension):
    with pytest.raises(Exception, match=r"cannot write .* as MathML: \\wobble is not known"):
        extension("mathml").to_mathml(r"\wobble x", display=True)


def test_functions_have_space_around_them(extension):
    found = extension("mathml").to_mathml(r"x \log y", display=True)
    space = '<mspace width="0.17em" />'
    assert f"<mi>x</mi>{space}<mi>log</mi>{space}<mi>y</mi>" in found


def test_lines_are_aligned(extension):
    latex = r"\begin{aligned} a &= b \\ c &= d \end{aligned}"
    assert extension("mathml").to_mathml(latex, display=True).count("<mtr>") == 2
