import math

import click
import pytest
from click.testing import CliRunner

from topicgen.cli.options import POSITIVE, Names, Number, grouped

FREQUENCY = Number("a number or auto", int, float, low=0, word="auto")


@pytest.mark.parametrize(
    ("given", "number"), [("5", 5), ("0.5", 0.5), ("1", 1), ("1.0", 1.0), ("auto", "auto")]
)
def test_the_first_kind_that_fits(given, number):
    value = FREQUENCY.convert(given, None, None)
    assert value == number
    assert type(value) is type(number)


@pytest.mark.parametrize("given", ["-1", "nan", "AUTO", "", "five"])
def test_other_values_are_refused_with_what_is_expected(given):
    with pytest.raises(click.BadParameter, match=f"expected a number or auto, got '{given}'"):
        FREQUENCY.convert(given, None, None)


@pytest.mark.parametrize("given", ["0", "2.5", "auto", str(-math.inf)])
def test_a_positive_integer_is_no_other_number(given):
    with pytest.raises(click.BadParameter, match="expected a positive integer"):
        POSITIVE.convert(given, None, None)


def test_grouped_options_come_as_one_mapping_of_those_given():
    seen = {}

    @click.command()
    @grouped(
        "size",
        width=click.option("--width", type=int),
        height=click.option("--height", type=int),
        depth=click.option("--depth", type=int, default=7),
    )
    @click.option("--name")
    def draw(size, name):
        seen.update(size=size, name=name)

    assert CliRunner().invoke(draw, ["--width", "3", "--name", "box"]).exit_code == 0
    assert seen == {"size": {"width": 3, "depth": 7}, "name": "box"}
    assert [option.name for option in draw.params] == ["width", "height", "depth", "name"]


def test_names_with_a_line_break_are_a_mistake_of_the_user():
    with pytest.raises(click.BadParameter, match="expected topics separated by commas"):
        Names("topics").convert("a\rb", None, None)
