import subprocess
import sys

import matplotlib
import pytest
from matplotlib.figure import Figure
from matplotlib.textpath import TextPath

from topicgen.visualization.figures.text import (
    folded,
    measure,
    printable,
    shortened,
    with_plain_text,
)


def test_hostile_text_stays_on_one_line_and_short(hostile):
    for text in hostile:
        shown = printable(text)
        assert shown.isprintable()
        assert len(shown) <= 60
    assert printable("$x^{2$") == "$x^{2$"


def test_a_character_that_no_font_has_becomes_a_box_and_is_named():
    with pytest.warns(UserWarning, match=r"no installed font can show '𒀀' \(CUNEIFORM SIGN A\)"):
        assert printable("a𒀀b") == "a□b"


@pytest.mark.parametrize("text", ["bank, rate", "WWWWWW", "iiiiii", "Übermaß", "2 economy"])
def test_text_is_measured_as_it_is_drawn(text):
    width, height = measure(text, 7)
    drawn = TextPath((0, 0), text, size=7).get_extents().width
    assert drawn <= width < 1.15 * drawn + 2
    assert height == pytest.approx(8.4)
    assert measure(f"{text}\nx", 7) == (width, pytest.approx(16.8))


def test_what_fits_is_not_shortened():
    assert shortened("bank", 100, 7) == "bank"


def test_what_does_not_fit_ends_in_an_ellipsis():
    short = shortened("bank, rate, growth", 40, 7)
    assert short.endswith("…")
    assert "bank, rate, growth".startswith(short[:-1])
    assert measure(short, 7)[0] <= 40
    assert not short[:-1].endswith((" ", ","))


def test_no_room_at_all_leaves_an_ellipsis():
    assert shortened("bank", 0, 7) == "…"


def test_text_is_folded_between_words():
    assert folded("bank, rate, growth", 45, 7) == "bank, rate,\ngrowth"
    assert folded("bank, rate, growth", 500, 7) == "bank, rate, growth"
    two = folded("one two three four five six", 30, 7).split("\n")
    assert len(two) == 2
    assert two[1].endswith("…")


def test_no_text_of_a_figure_is_mathematics():
    figure = Figure()
    axis = figure.subplots()
    axis.set_title("$x^{2$")
    axis.set_yticks([0], ["$y^{$"])
    with_plain_text(figure)
    figure.draw_without_rendering()


def test_the_users_font_comes_first():
    code = (
        "import matplotlib\n"
        "matplotlib.rcParams['font.family'] = ['serif']\n"
        "from matplotlib.figure import Figure\n"
        "from topicgen.visualization.figures.text import measure, with_plain_text\n"
        "figure = Figure()\n"
        "text = figure.text(0, 0, 'text')\n"
        "print(with_plain_text(figure).texts[0].get_fontfamily()[:2], measure('m', 10))\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.startswith("['DejaVu Serif', 'DejaVu Sans']")
    assert matplotlib.rcParams["font.family"] == ["sans-serif"]
