"""An argument of a wrong kind is named, in the words of topicgen."""

import inspect
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from topicgen import (
    Corpus,
    Selection,
    TopicModel,
    Vectorizer,
    distributions,
    effects,
    evaluation,
    gradients,
    reporting,
    visualization,
)
from topicgen.errors import InputError, check_flag
from topicgen.files import hold

TEXTS = ["bank rates rose again", "the team won the match", "rates fell at the bank"] * 4
GRID = np.ones((2, 3))


@pytest.fixture(scope="module")
def model():
    return TopicModel(2, max_epochs=1, random_state=0).fit(TEXTS)


@pytest.fixture(scope="module")
def corpus():
    return Corpus([[1, 2]], ["bank", "rate"], ["a"], metadata={"year": [2000]})


def counted():
    return Vectorizer(min_df=1).fit(TEXTS)


@pytest.mark.parametrize(
    "value", [None, 3, b"bank", np.ones(2), object()], ids=lambda value: type(value).__name__
)
def test_writer(corpus, value):
    with pytest.raises(InputError, match="writer must be a CorpusWriter"):
        corpus.write_to(value)


CALLS = {
    "ids": lambda: Corpus([[1]], ["a"], 3),
    "no ids": lambda: Corpus([[1]], ["a"], None),
    "recipe": lambda: Vectorizer.from_config([1], ["a"]),
    "terms": lambda: counted().learn(None, None),
    "documents": lambda: counted().tally(3),
    "document": lambda: counted().tally(["a", None]),
    "tokens": lambda: counted().tally([["a"]]),
    "found": lambda: list(counted().transform_blocks(TEXTS, 3)),
    "lengths": lambda: list(counted().transform_blocks(TEXTS, {}, {"a"})),
    "folder": lambda: counted().fit_blocks(TEXTS, print),
    "no folder": lambda: counted().fit_blocks(TEXTS, Path("nope")),
    "n_bytes": lambda: counted().fit_blocks(TEXTS, None, {1}),
    "lowercase": lambda: Vectorizer(lowercase=GRID).fit(TEXTS),
    "format": lambda: Corpus.open("nope", format=[]),
    "long path": lambda: Corpus.open("x" * 10_000),
    "per_topic": lambda: evaluation.coherence([["a", "b"]], [["a", "b"]], per_topic=np.array([])),
    "confidence": lambda: evaluation.coherence_scores(
        [["a", "b"]], [["a", "b"]], confidence=10**400
    ),
    "imputed": lambda: effects.effect_table(3, effects.Quantity("share", "attention")),
    "predictions": lambda: effects.prediction_table(3, None, pd.DataFrame({"a": [1]})),
    "contrast": lambda: effects.contrast_table(np.ones(2), None, {}, {}),
    "draws": lambda: effects.regress([1], GRID, None),
    "matrix": lambda: effects.regress(
        effects.TokenDraws.of([np.array([[3, 1], [1, 3]])] * 2),
        3,
        effects.Quantity("share", "attention"),
    ),
    "shares": lambda: visualization.topic_table(3, [], [], []),
    "presences": lambda: visualization.topic_table([0.5], [], [1], [["a"]]),
    "components": lambda: visualization.topic_positions(10**400),
    "points": lambda: Selection(["bank"]),
    "point": lambda: Selection(3),
    "estimator": lambda: gradients.differentiable_sample({}, None, 1.0),
    "law": lambda: gradients.differentiable_sample("gengs", "law", 1.0),
    "root": lambda: hold("/", "corpus").__enter__(),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
def test_calls(call):
    with pytest.raises(InputError) as raised:
        call()
    assert "\n" not in str(raised.value)


OF_MODEL = {
    "methods": lambda model: model.get_perplexities(TEXTS, methods=2),
    "method": lambda model: model.document_log_likelihood(TEXTS, method=[]),
    "average": lambda model: model.perplexity(TEXTS, average=GRID),
    "empty": lambda model: model.transform(TEXTS, empty=GRID),
    "fast": lambda model: model.posterior(TEXTS, fast=GRID),
    "random_state": lambda model: reporting.report(model, TEXTS, random_state=["a"]),
    "verbose": lambda model: reporting.report(model, TEXTS, verbose=GRID),
}


@pytest.mark.parametrize("name", OF_MODEL)
def test_model(model, name):
    with pytest.raises(InputError, match=name):
        OF_MODEL[name](model)


@pytest.mark.parametrize("columns", [GRID, pd.DataFrame({"a": [1]}), [[1]], 3, ["nope"]], ids=repr)
def test_columns(corpus, columns):
    with pytest.raises(InputError, match="column"):
        corpus.keep(columns)


TORCH = {
    "n_samples": lambda: gradients.VIMCO("nope"),
    "n_samples ": lambda: gradients.GenGS(n_samples=torch.ones(2)),
    "n_latents": lambda: gradients.NVIL([1]),
    "n_hidden": lambda: gradients.Relax(n_hidden=np.array([])),
    "temperature": lambda: gradients.Relax(temperature=""),
    "temperature ": lambda: gradients.ExponentialArrivals([[]]),
    "base": lambda: distributions.truncation_point("law", 0.1),
    "validate_args": lambda: distributions.ZeroInflatedPoisson(
        torch.tensor(0.5), torch.tensor(1.0), validate_args=np.array([])
    ),
}


@pytest.mark.parametrize("name", TORCH)
def test_of_torch(name):
    with pytest.raises(TypeError, match=f"^{re.escape(name.strip())} must be "):
        TORCH[name]()


@pytest.mark.parametrize("number", [0, -1, 10**400])
def test_temperature_of_no_use(number):
    if number > 0:
        gradients.VIMCO(2)  # large whole numbers are numbers
    else:
        with pytest.raises(ValueError, match="above 0"):
            gradients.Relax(temperature=number)


def test_flags_of_numpy_are_flags():
    check_flag("per_topic", np.True_)
    check_flag("per_topic", False)


@pytest.mark.parametrize(
    "law", [distributions.ZeroInflatedPoisson, distributions.ConwayMaxwellPoisson]
)
def test_numbers_that_no_float_holds_are_named(law):
    first, second = list(inspect.signature(law).parameters)[:2]
    with pytest.raises(ValueError, match=f"{first} must be a number that a float can hold"):
        law(10**400, 1.0)
    with pytest.raises(ValueError, match=f"{second} must be a number that a float can hold"):
        law(0.5, -(10**400))


@pytest.mark.parametrize("estimator", [gradients.NVIL, gradients.Relax])
@pytest.mark.parametrize("name", ["n_latents", "n_hidden"])
def test_sizes_of_networks_are_bounded(estimator, name):
    with pytest.raises(ValueError, match=f"{name} must be at most 1,048,576"):
        estimator(**{name: 2**63})


@pytest.mark.parametrize("format", [np.array(["a", "b"]), np.full((2, 2), np.nan), 3])
def test_formats_are_names(format):
    with pytest.raises(InputError, match="expected a format among"):
        Corpus.open("nope", format=format)
