"""What holds for all figures."""

import io
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from types import SimpleNamespace

import matplotlib
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb
from matplotlib.text import Text

from topicgen import visualization
from topicgen.errors import InputError
from topicgen.visualization.figures import style

NAMES = sorted(set(visualization.__all__) - {"topic_positions", "topic_table"})


@pytest.fixture
def draw(model_of, hostile, hostile_model, trained, deep):
    """Draw a figure by its name, with hostile text wherever text comes from data."""
    n = 4
    topic = np.arange(n)
    values = {"low": 0.1, "high": 0.4, "std_error": 0.1}
    shares = pd.DataFrame({"topic": topic, "share": 0.2, **values})
    by = {"effects": "term", "over_time": "time", "per_class": "class"}

    def rows(column, names):
        # pandas' own type for text cannot hold lone surrogates.
        kind = object if isinstance(names[0], str) else int
        tables = [shares.assign(**{column: pd.Series([name] * n, dtype=kind)}) for name in names]
        return pd.concat(tables, ignore_index=True)

    scores = ["perplexity", "quality", "coherence", "diversity", "stability", "seconds"]
    table = pd.DataFrame({"n_components": [5, 10], "perplexity_error": 0.1})
    table[scores] = 1.0
    arguments = {
        "document": lambda: (trained, "cats purr " * 30 + " ".join(hostile)),
        "effects": lambda: (
            rows("term", hostile[:6]).assign(estimate=0.2), hostile_model,
        ),
        "over_time": lambda: (rows("time", [1999, 2000]), hostile_model),
        "per_class": lambda: (rows("class", hostile), hostile_model),
        "presence_and_amount": lambda: (hostile_model,),
        "selection": lambda: (SimpleNamespace(table=table, n_components=5),),
        "topic_map": lambda: (hostile_model,),
        "topic_tree": lambda: (deep,),
        "topic_words": lambda: (hostile_model,),
        "training": lambda: (hostile_model,),
    }  # fmt: skip
    assert set(by) <= set(arguments) == set(NAMES)
    return lambda name, **options: getattr(visualization, name)(*arguments[name](), **options)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", ["png", "pdf"])
def test_can_be_written(draw, name, kind):
    written = io.BytesIO()
    draw(name).savefig(written, format=kind, dpi=60)
    assert len(written.getvalue()) > 1000


@pytest.mark.parametrize("name", NAMES)
def test_text_can_be_text_in_svg(draw, name):
    written = io.BytesIO()
    with matplotlib.rc_context({"svg.fonttype": "none"}):
        draw(name).savefig(written, format="svg")
    tree = ElementTree.fromstring(written.getvalue())
    assert not [node for node in tree.iter() if node.tag.endswith(("script", "image"))]
    assert [node for node in tree.iter() if node.tag.endswith("}text")]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("width", [3.4, 7.0])
def test_nothing_is_cut_or_too_small_at_print_size(draw, name, width):
    figure = draw(name, width=width)
    figure.draw_without_rendering()
    assert figure.get_figwidth() == width
    assert figure.dpi == 300
    for text in figure.findobj(Text):
        if text.get_visible() and text.get_text():
            assert text.get_fontsize() >= 6
            assert not text.get_parse_math()
            assert not text.get_usetex()
    for text in [*figure.texts, *(text for axis in figure.axes for text in axis.texts)]:
        box = text.get_window_extent()
        assert box.x0 >= -1
        assert box.x1 <= figure.bbox.x1 + 1


@pytest.mark.parametrize("name", NAMES)
def test_a_width_that_cannot_be_is_refused(draw, name):
    with pytest.raises(InputError, match=r"width must be 2\.5 to 40 inches, got '7'; use 3"):
        draw(name, width="7")


def test_colours_differ_in_grey_too():
    def luminance(color):
        red, green, blue = (channel**2.2 for channel in to_rgb(color))
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    for color in (style.INK, style.ACCENT, style.BLACK, style.GREY):
        assert (1.05) / (luminance(color) + 0.05) >= 3  # WCAG: graphics on white
    for color in (style.BLACK, style.GREY):
        assert (1.05) / (luminance(color) + 0.05) >= 4.5  # text


def test_numbers_of_ticks():
    figure, (axis,) = style.panels(1, 7.0, 2.0)
    axis.set_xlim(-3, 3)
    style.ticks(axis.xaxis, in_percent=True)
    show = axis.xaxis.get_major_formatter()
    assert [show(value) for value in (-2.0, 0.0, 12_500.0)] == ["−2%", "0%", "12,500%"]
    assert figure.axes == [axis]


def test_a_scale_from_0_without_values():
    _, (axis,) = style.panels(1, 7.0, 2.0)
    style.from_0(axis, [np.nan])
    assert axis.get_xlim()[1] == 1


def test_no_global_state_is_touched():
    code = (
        "import sys, topicgen.visualization as visualization\n"
        "from types import SimpleNamespace\n"
        "draw = [getattr(visualization, name) for name in visualization.__all__]\n"
        "assert 'matplotlib' not in sys.modules\n"
        "import matplotlib, pandas\n"
        "from topicgen import TopicModel\n"
        # To ask it for the backend, as its own items() does, would choose one.
        "before = list(dict.items(matplotlib.rcParams))\n"
        "docs = ['cats purr and cats sleep', 'dogs bark and dogs run'] * 20\n"
        "model = TopicModel(2, max_epochs=1, random_state=0).fit(docs)\n"
        "table = model.topics_over_time(docs, list(range(2000, 2040)), freq='decade')\n"
        "for name in ('topic_map', 'topic_words', 'presence_and_amount', 'training'):\n"
        "    getattr(visualization, name)(model).draw_without_rendering()\n"
        "visualization.document(model, docs[0]).draw_without_rendering()\n"
        "visualization.over_time(table, model).draw_without_rendering()\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
        "assert before == list(dict.items(matplotlib.rcParams))\n"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)
