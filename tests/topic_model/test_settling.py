import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix

from topicgen import TopicModel
from topicgen.models import imputation
from topicgen.topic_model import fitting, settling
from topicgen.training import trainer

N, K, N_WORDS = 300, 5, 80


@pytest.fixture(autouse=True)
def few_sweeps(monkeypatch):
    monkeypatch.setattr(imputation, "_MOST_SWEEPS", 30)


@pytest.fixture(scope="module")
def planted():
    """Documents of 12 tokens from topics with words in common; a covariate tells much."""
    random = np.random.default_rng(1)
    x = random.normal(size=N)
    topics = random.dirichlet(np.full(N_WORDS, 0.3), K)
    rates = random.gamma(0.5 * np.exp(np.outer(x, 1.2 * np.linspace(-1, 1, K))))
    shares = rates / rates.sum(1, keepdims=True)
    counts = np.stack([random.multinomial(12, share @ topics) for share in shares])
    return csr_matrix(counts), pd.DataFrame({"x": x}), topics


def fit(planted, **options):
    counts, metadata, _ = planted
    options = {"prevalence": "~ x", "max_epochs": 2, "random_state": 0, **options}
    return TopicModel(K, **options).fit(counts, metadata=metadata)


def unsettled(planted, monkeypatch, **options):
    with monkeypatch.context() as patch:
        patch.setattr(fitting, "settle", lambda *args, **options: None)
        return fit(planted, **options)


def similarity(model, topics):
    """The mean cosine of each planted topic with its nearest."""
    unit = [
        rows / np.linalg.norm(rows, axis=1, keepdims=True) for rows in (model.components_, topics)
    ]
    return (unit[1] @ unit[0].T).max(1).mean()


def test_settled_topics_are_nearer_to_the_planted_ones(planted, monkeypatch):
    options = {"max_epochs": 10, "separation_measure": "probability"}
    settled = fit(planted, **options)
    trained = unsettled(planted, monkeypatch, **options)
    assert similarity(settled, planted[2]) > similarity(trained, planted[2]) + 0.01
    np.testing.assert_allclose(settled.components_.sum(1), 1.0)
    assert (settled.components_ > 0).all()


@pytest.mark.parametrize(
    ("options", "patched"),
    [
        ({}, ("_TOLERANCE", 0.0)),  # whatever comes predicts worse
        ({}, ("_MOST_TOKENS", 100)),
        ({"learn_prior": False}, None),
        ({"latent": "poisson"}, None),
    ],
    ids=["worse", "many tokens", "prior not learnt", "rates on atoms"],
)
def test_topics_are_left_as_they_were(planted, monkeypatch, options, patched):
    if patched is not None:
        monkeypatch.setattr(settling, *patched)
    found, expected = fit(planted, **options), unsettled(planted, monkeypatch, **options)
    np.testing.assert_array_equal(found.components_, expected.components_)
    pd.testing.assert_frame_equal(found.effects(), expected.effects())


def test_topics_of_short_documents_settle_at_a_fitted_strength_too(planted, monkeypatch):
    called, fitted_strength = [], trainer.fitted_strength

    def noted(*args):
        called.append(args)
        return fitted_strength(*args)

    monkeypatch.setattr(trainer, "fitted_strength", noted)
    unsettled(planted, monkeypatch)
    assert len(called) == 2  # epochs
    fit(planted)
    assert len(called) == 4 + settling._EPOCHS


def test_a_model_without_covariates_never_settles(planted, monkeypatch):
    monkeypatch.setattr(settling, "settle_topics", None)
    fit(planted, prevalence=None, max_epochs=1)


def test_the_background_topic_stays(planted):
    model = fit(planted, background=True)
    share = np.asarray(planted[0].sum(0)).ravel() / planted[0].sum()
    np.testing.assert_allclose(model.components_[-1], share, atol=0.02)


@pytest.mark.parametrize("where", ["settle_topics", "_train", "completion_perplexity"])
def test_an_interrupt_keeps_what_was_trained(planted, monkeypatch, where):
    expected = unsettled(planted, monkeypatch)
    call, calls = getattr(settling, where), []

    def interrupted(*args, **options):
        calls.append(where)
        if where != "completion_perplexity" or len(calls) == 2:
            raise KeyboardInterrupt
        return call(*args, **options)

    monkeypatch.setattr(settling, where, interrupted)
    model = TopicModel(K, prevalence="~ x", max_epochs=2, random_state=0)
    with pytest.raises(KeyboardInterrupt):
        model.fit(planted[0], metadata=planted[1])
    np.testing.assert_array_equal(model.components_, expected.components_)
    pd.testing.assert_frame_equal(model.effects(), expected.effects())


def test_the_same_seed_settles_at_the_same_topics(planted):
    np.testing.assert_array_equal(fit(planted).components_, fit(planted).components_)
