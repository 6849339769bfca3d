import numpy as np
import pytest

from topicgen import TopicModel
from topicgen.errors import InputError


@pytest.fixture(scope="module")
def fitted(planted_counts):
    def fit(**options):
        return TopicModel(3, random_state=0, max_epochs=3, **options).fit(planted_counts)

    return fit


def test_all_that_was_drawn_belongs_together(fitted):
    model = fitted()
    simulated = model.simulate([5, 0, 200] * 100)
    lengths = np.tile([5, 0, 200], 100)
    np.testing.assert_array_equal(simulated.counts.sum(1).A1, lengths)
    np.testing.assert_array_equal(simulated.tokens.sum(1), lengths)
    np.testing.assert_allclose(simulated.proportions.sum(1), 1)
    rates = simulated.rates / simulated.rates.sum(1, keepdims=True)
    np.testing.assert_allclose(simulated.proportions, rates, atol=1e-6)


def test_words_and_tokens_have_their_expectations(fitted):
    """Fails for one seed in a thousand."""
    model = fitted()
    simulated = model.simulate([50] * 2_000)
    expected = 50 * simulated.proportions
    z = (simulated.tokens - expected).sum(0) / np.sqrt(
        (expected * (1 - simulated.proportions)).sum(0)
    )
    assert (abs(z) < 3.7).all()
    words = simulated.tokens @ model.components_
    deviation = simulated.counts.sum(0).A1 - words.sum(0)
    assert (abs(deviation) < 5 * np.sqrt(words.sum(0))).all()


@pytest.mark.parametrize("likelihood", ["poisson", "negative_binomial"])
def test_likelihoods_that_model_the_length_draw_it(fitted, likelihood):
    simulated = fitted(likelihood=likelihood).simulate(n_documents=3_000)
    np.testing.assert_array_equal(simulated.counts.sum(1).A1, simulated.tokens.sum(1))
    lengths, expected = simulated.tokens.sum(1), simulated.rates.sum(1)
    error = np.std(lengths - expected) / np.sqrt(3_000)
    assert abs(np.mean(lengths - expected)) < 3.7 * error


def test_the_negative_binomial_likelihood_is_bursty(fitted):
    model = fitted(likelihood="negative_binomial")
    simulated = model.simulate(n_documents=3_000)
    b = model.model_.likelihood.steadiness.item()
    expected = simulated.rates @ model.components_
    variance = np.mean((simulated.counts.toarray() - expected) ** 2) / expected.mean()
    assert variance == pytest.approx(1 + 1 / b, rel=0.1)


def test_a_seed_gives_the_same_documents(fitted):
    model = fitted()
    one, same, other = (model.simulate([30] * 20, random_state=seed) for seed in (1, 1, 2))
    assert (one.counts != same.counts).nnz == 0
    assert (one.counts != other.counts).nnz > 0


@pytest.mark.parametrize(
    ("likelihood", "arguments"),
    [
        ("multinomial", {}),
        ("multinomial", {"n_documents": 3}),
        ("multinomial", {"n_tokens": [1.5]}),
        ("multinomial", {"n_tokens": [-1]}),
        ("multinomial", {"n_tokens": 7}),
        ("multinomial", {"n_tokens": ["ten"]}),
        ("poisson", {}),
        ("poisson", {"n_tokens": [3]}),
        ("poisson", {"n_documents": -3}),
    ],
)
def test_lengths_that_cannot_be_used(fitted, likelihood, arguments):
    with pytest.raises(InputError, match=r"n_tokens|n_documents"):
        fitted(likelihood=likelihood).simulate(**arguments)
