import numpy as np
import pytest
import torch
from torch.distributions import Poisson

from topicgen import TopicModel
from topicgen.errors import InputError
from topicgen.topic_model.settings import Settings


def resolve(n_documents=1000, **parameters):
    return Settings.resolve(TopicModel(**parameters).get_params(deep=False), n_documents)


def test_every_auto_is_a_value():
    settings = resolve(n_components=50, device="cpu")
    assert settings.n_held_out == 100
    assert settings.n_training == 900
    assert settings.batch_size == 22
    assert settings.n_epochs == 21
    assert settings.prior_count == 100.0
    assert settings.greatest_count == 130
    assert settings.temperature == (1.0, 1.0)
    assert settings.device == torch.device("cpu")


def test_what_is_given_is_kept():
    settings = resolve(
        max_epochs=np.int64(7), batch_size=3, truncation=9, prior_count=4, temperature=[1, 0.5]
    )
    assert settings.n_epochs == 7
    assert settings.batch_size == 3
    assert settings.greatest_count == 9
    assert settings.prior_count == 4.0
    assert settings.temperature == (1.0, 0.5)
    assert settings.schedule().n_steps == 7 * 300


@pytest.mark.parametrize(
    ("latent", "expected"),
    [("poisson", 10), ("geometric", 100), (Poisson(torch.tensor(2.0)), 40)],
    ids=str,
)
def test_the_sum_of_counts_follows_the_family(latent, expected):
    assert resolve(n_components=20, latent=latent).prior_count == expected


@pytest.mark.parametrize(
    ("likelihood", "power"), [("multinomial", 0.8), ("poisson", 0.8), ("negative_binomial", 1.0)]
)
def test_repetitions_count_fully_where_the_likelihood_knows_of_bursts(likelihood, power):
    assert resolve(likelihood=likelihood).count_power == power
    assert resolve(likelihood=likelihood, count_power=0.5).count_power == 0.5


def test_batches_of_a_distribution_are_summed():
    latent = Poisson(torch.tensor([2.0, 3.0]))
    assert resolve(n_components=2, latent=latent).prior_count == 5


@pytest.mark.parametrize(
    ("n_documents", "fraction", "held_out"),
    [(49, 0.5, 0), (50, 0.1, 5), (50, 0.0, 0), (100_000, 0.5, 500), (60, 0.6, 36)],
)
def test_how_many_documents_are_held_out(n_documents, fraction, held_out):
    settings = resolve(n_documents, n_components=3, validation_fraction=fraction)
    assert settings.n_held_out == held_out
    assert settings.n_training == n_documents - held_out


@pytest.mark.parametrize(("n_documents", "fraction"), [(60, 0.999), (100, 0.98), (300, 0.999)])
def test_too_few_documents_left_to_train_on_is_an_error(n_documents, fraction):
    with pytest.raises(InputError, match=f"validation_fraction={fraction} leaves . of .*; lower"):
        resolve(n_documents, n_components=3, validation_fraction=fraction)
