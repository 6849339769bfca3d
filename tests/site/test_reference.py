"""The reference describes every public name and every option."""

import importlib
import re

import click
import pytest

from topicgen.cli import main

PUBLIC = [
    "topicgen",
    "topicgen.comparison",
    "topicgen.corpus",
    "topicgen.covariates",
    "topicgen.distributions",
    "topicgen.effects",
    "topicgen.evaluation",
    "topicgen.gradients",
    "topicgen.models",
    "topicgen.reporting",
    "topicgen.selection",
    "topicgen.topic_model",
    "topicgen.visualization",
]


def home(thing):
    """Where a class or function is defined; None for other objects."""
    name = getattr(thing, "__qualname__", None)
    return name and f"{thing.__module__}.{name}"


@pytest.mark.parametrize("package", PUBLIC)
def test_public_names(package, described):
    module = importlib.import_module(package)
    homes = set()
    for name in described:
        owner, _, last = name.rpartition(".")
        if owner in PUBLIC:
            homes.add(home(getattr(importlib.import_module(owner), last)))
    names = set(module.__all__) - {"__version__"}
    missing = {
        name
        for name in names
        if f"{package}.{name}" not in described and home(getattr(module, name)) not in homes
    }
    assert missing == set()


def test_methods_of_the_model(described):
    from topicgen import TopicModel

    own = {
        name
        for base in TopicModel.__mro__
        if base.__module__.startswith("topicgen")
        for name in vars(base)
        # Those that end so are scikit-learn's, for the routing of metadata.
        if not name.startswith("_") and not name.endswith("_request")
    }
    assert {name for name in own if f"topicgen.TopicModel.{name}" not in described} == set()


def commands(command=main, words=()):
    yield words, command
    for name, inner in getattr(command, "commands", {}).items():
        yield from commands(inner, (*words, name))


@pytest.mark.parametrize(("words", "command"), [(words, one) for words, one in commands() if words])
def test_commands(words, command, site):
    if isinstance(command, click.Group):
        return
    page = (site / "cli" / f"{'-'.join(words)}.html").read_text("utf-8")
    ids = set(re.findall(r'id="cmdoption-([^"]+)"', page))
    options = {
        name.lstrip("-")
        for param in command.params
        if isinstance(param, click.Option) and not param.hidden
        for name in param.opts
    }
    program = "-".join(("topicgen", *words))
    assert {name for name in options if f"{program}-{name}" not in ids} == set()
