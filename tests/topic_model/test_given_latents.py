import numpy as np
import pytest
import torch
from torch.distributions import Bernoulli, Binomial, Geometric, NegativeBinomial, Poisson

from topicgen import TopicModel
from topicgen.distributions import (
    ConwayMaxwellPoisson,
    Finite,
    Truncated,
    ZeroInflatedPoisson,
)
from topicgen.errors import InputError
from topicgen.topic_model.given_latents import latent_from_json, latent_to_json

LATENTS = [
    Poisson(2.0),
    Poisson(torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64)),
    NegativeBinomial(2.0, 0.3),
    NegativeBinomial(torch.tensor(2.0), logits=torch.tensor([0.1, 0.2])),
    Geometric(0.3),
    Binomial(10, torch.tensor(0.3)),
    Bernoulli(0.4),
    ZeroInflatedPoisson(torch.tensor(0.3), torch.tensor(2.0)),
    ConwayMaxwellPoisson(torch.tensor(2.0), torch.tensor(1.5)),
    Finite(torch.zeros(4), torch.tensor([0.0, 1.0, 2.0, 5.0])),
    Truncated(Poisson(torch.tensor(3.0)), upper=9),
]


@pytest.mark.parametrize("latent", LATENTS, ids=lambda latent: type(latent).__name__)
@pytest.mark.parametrize("is_used", [False, True])
def test_a_distribution_comes_back_as_it_was(latent, is_used):
    if is_used and not isinstance(latent, Finite | ZeroInflatedPoisson | ConwayMaxwellPoisson):
        # Torch stores the logits of probabilities, and the reverse, when they are asked for.
        for name in latent.arg_constraints:
            getattr(latent, name)
    again = latent_from_json(latent_to_json(latent))
    assert again.batch_shape == latent.batch_shape
    counts = torch.arange(2.0).reshape(-1, *[1] * len(latent.batch_shape))
    assert torch.equal(again.log_prob(counts), latent.log_prob(counts))


def test_another_class_is_not_written():
    class OfMyOwn(Poisson):
        pass

    assert latent_to_json(OfMyOwn(2.0)) is None
    for name in ("OfMyOwn", "kl_divergence", "nothing"):
        with pytest.raises(ValueError, match="there is no distribution"):
            latent_from_json({"distribution": name, "parameters": {}})


@pytest.mark.parametrize("latent", [Poisson(2.0), Geometric(0.3)], ids=repr)
def test_a_loaded_model_is_fitted_again_with_the_latent_of_the_saved_one(
    planted_counts, latent, tmp_path
):
    model = TopicModel(3, latent=latent, max_epochs=1, random_state=0).fit(planted_counts)
    model.save(tmp_path / "model")
    loaded = TopicModel.load(tmp_path / "model").fit(planted_counts)
    np.testing.assert_array_equal(loaded.components_, model.components_)
    # One distribution for all topics, however many: the masses of three would not do for four.
    assert len(loaded.set_params(n_components=4).fit(planted_counts).components_) == 4


def test_a_latent_that_was_set_after_the_fit_is_saved_for_the_next_one(planted_counts, tmp_path):
    model = TopicModel(3, max_epochs=1, random_state=0).fit(planted_counts)
    model.set_params(latent=Poisson(2.0)).save(tmp_path / "model")
    loaded = TopicModel.load(tmp_path / "model")
    assert loaded.score(planted_counts) == model.score(planted_counts)
    for one in (model, loaded):
        one.fit(planted_counts)
    np.testing.assert_array_equal(loaded.components_, model.components_)


def test_a_latent_of_another_class_is_refused_before_a_fit_with_it(planted_counts, tmp_path):
    class OfMyOwn(Poisson):
        pass

    model = TopicModel(3, max_epochs=1, random_state=0).fit(planted_counts)
    with pytest.raises(InputError, match=r"latent .* cannot be saved before a fit with it; call"):
        model.set_params(latent=OfMyOwn(2.0)).save(tmp_path / "model")
    model.fit(planted_counts).save(tmp_path / "model")  # now its masses are among the weights
    loaded = TopicModel.load(tmp_path / "model")
    assert loaded.score(planted_counts) == model.score(planted_counts)
    assert isinstance(loaded.latent, Finite)
