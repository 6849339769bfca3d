import enum
import json
from fractions import Fraction

import numpy as np
import pytest
import torch

from topicgen import TopicModel, Vectorizer
from topicgen.errors import InputError
from topicgen.topic_model import parameters

DEFAULTS = TopicModel().get_params(deep=False)


class Family(str, enum.Enum):
    POISSON = "poisson"


@pytest.mark.parametrize(
    ("name", "value", "plain"),
    [
        ("n_components", np.uint8(3), 3),
        ("n_components", np.array(3), 3),
        ("n_components", enum.IntEnum("Sizes", "A")(1), 1),
        ("smoothing", np.float16(0.25), 0.25),
        ("smoothing", np.longdouble(0.25), 0.25),
        ("smoothing", Fraction(1, 4), 0.25),
        ("background", np.bool_(True), True),
        ("verbose", np.bool_(False), False),
        ("latent", np.str_("poisson"), "poisson"),
        ("latent", Family.POISSON, "poisson"),
        ("device", torch.device("cpu", 0), "cpu:0"),
        ("temperature", np.array([1.0, 0.5]), (1.0, 0.5)),
        ("temperature", [np.float32(1.0), 0.5], (1.0, 0.5)),
        ("upper_components", np.array([4, 2]), (4, 2)),
        ("upper_components", [np.int64(2)], (2,)),
    ],
    ids=repr,
)
def test_values_of_numpy_become_plain_ones_that_json_holds(name, value, plain):
    values = parameters.checked(DEFAULTS | {name: value})
    assert values[name] == plain
    assert type(values[name]) is type(plain)
    read = parameters.from_json(
        json.loads(json.dumps(parameters.to_json(DEFAULTS | {name: value})))
    )
    assert read[name] == plain


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("n_components", np.array([3])),
        ("n_components", 3.0),
        ("smoothing", np.array([0.5])),
        ("smoothing", torch.tensor(0.5)),
        ("temperature", np.array([1.0, 0.5, 0.1])),
        ("temperature", {1.0, 0.5}),
        ("upper_components", np.array(2)),
        ("upper_components", range(2)),
        ("truncation", 2**24 + 1),
        ("device", None),
        ("device", "meta"),
    ],
    ids=repr,
)
def test_others_are_refused_by_name(name, value):
    with pytest.raises(InputError, match=f"^{name} must be "):
        parameters.checked(DEFAULTS | {name: value})


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.longdouble, Fraction])
def test_a_fit_does_not_depend_on_the_type_of_its_numbers(kind, planted_counts):
    def fit(number):
        names = ("smoothing", "learning_rate", "validation_fraction", "prior_count", "temperature")
        options = dict.fromkeys(names, number(0.25))
        return TopicModel(3, max_epochs=1, random_state=0, **options).fit(planted_counts)

    np.testing.assert_array_equal(fit(kind).components_, fit(float).components_)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"vectorizer": 5}, "vectorizer must be"),
        ({"temperature": None}, "temperature must be"),
        ({"refinement": -1}, "refinement must be"),
        ({"vectorizer": Vectorizer(tokenizer=lambda text: text.split())}, "stored by its name"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_what_cannot_be_used_is_not_saved(changes, message, planted_counts, tmp_path):
    model = TopicModel(3, max_epochs=1, random_state=0).fit(planted_counts)
    with pytest.raises(InputError, match=message):
        model.set_params(**changes).save(tmp_path / "model")
    assert not (tmp_path / "model").exists()


def test_refinement_is_checked_where_it_is_used(planted_counts):
    model = TopicModel(3, max_epochs=1, random_state=0).fit(planted_counts)
    model.set_params(refinement=-1)
    for method in (model.transform, model.perplexity, model.get_perplexities):
        with pytest.raises(InputError, match="refinement must be a non-negative integer, got -1"):
            method(planted_counts)


class Small(TopicModel):
    """Takes some of the parameters, and one of its own."""

    def __init__(self, n_components=3, note="none"):
        super().__init__(n_components, max_epochs=1, random_state=0)
        self.note = note


def test_a_subclass_may_take_fewer_parameters(planted_counts, tmp_path):
    model = Small(note="mine").fit(planted_counts)
    model.save(tmp_path / "model")
    loaded = Small.load(tmp_path / "model")
    assert loaded.get_params() == {"n_components": 3, "note": "mine"}
    assert loaded.score(planted_counts) == model.score(planted_counts)
