from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.sparse import csr_matrix
from torch.distributions import kl_divergence

from topicgen.distributions import Finite
from topicgen.models import PRIORS, LatentCountModel, SparseCounts, count_atoms, fixed_prior
from topicgen.topic_model.diagnosis import diagnose
from topicgen.topic_model.diagnostics import Diagnostics

GOOD = Diagnostics(
    relaxation_gap=0.01,
    active_topics=20,
    n_topics=20,
    kl=30.0,
    clamped=1e-4,
    temperature=0.5,
)


def test_good_figures_bring_no_warning():
    assert GOOD.warnings == []
    assert replace(GOOD, active_topics=19).warnings == []


@pytest.mark.parametrize(
    ("figures", "said", "remedy"),
    [
        (
            {"relaxation_gap": 0.5},
            "0.50 nats per token",
            "lower the temperature or raise prior_count",
        ),
        ({"active_topics": 3}, "only 3 of 20 topics are in use", "ask for fewer topics"),
        ({"active_topics": 0}, "the posterior has collapsed", "give longer or more documents"),
        ({"clamped": 0.2}, "20.0% of the counts", "raise truncation"),
    ],
)
def test_a_bad_figure_brings_one_line_with_a_remedy(figures, said, remedy):
    (warning,) = replace(GOOD, **figures).warnings
    assert said in warning
    assert remedy in warning.split("; ")[1]
    assert "\n" not in warning


def test_bad_figures_bring_a_warning_each():
    bad = replace(GOOD, relaxation_gap=0.5, active_topics=0, clamped=0.2)
    assert len(bad.warnings) == 3


COUNTS = SparseCounts.from_csr(csr_matrix(np.kron(np.eye(3), np.full((10, 4), 5))))


def make_model(greatest=40, prior_count=12.0, inference="implicit"):
    """Three topics, each with four of the twelve words to itself."""
    prior = PRIORS["poisson"](torch.full((3,), 4.0), count_atoms(greatest))
    options = {"prior_count": prior_count, "latent": "poisson", "inference": inference}
    model = LatentCountModel(prior, torch.ones(12), **options)
    with torch.no_grad():
        model.topic_logits.copy_(8 * torch.eye(3).repeat_interleave(4, dim=1))
    return model


def figures(model, estimator="gengs", temperature=0.1):
    return diagnose(model, COUNTS, estimator=estimator, temperature=temperature)


@pytest.mark.parametrize("inference", ["explicit", "implicit"])
def test_divergence_is_that_of_the_posterior_from_the_prior(inference):
    model = make_model(inference=inference)
    found = figures(model)
    divergence = kl_divergence(model.posterior(COUNTS, model.topic_word()), model.prior)
    assert found.kl == pytest.approx(divergence.sum(-1).mean().item(), rel=1e-4)
    assert (found.active_topics, found.n_topics) == (3, 3)
    assert found.temperature == 0.1


def test_documents_without_words_leave_no_topic_active():
    found = diagnose(
        make_model(),
        SparseCounts.from_csr(csr_matrix((25, 12))),
        estimator="gengs",
        temperature=0.5,
    )
    assert found.active_topics == 0
    assert found.kl == pytest.approx(0, abs=1e-6)
    assert found.relaxation_gap == 0


@pytest.mark.parametrize(("n", "active"), [(1, None), (19, None), (20, 2)])
def test_few_documents_say_nothing_of_active_topics(n, active):
    """The first 20 are of two topics. That a document is like itself is no collapse.

    Of one document the gap is the mean of 100 draws, with a standard error below .03.
    """
    few = COUNTS.select(torch.arange(n))
    found = diagnose(make_model(), few, estimator="gengs", temperature=0.1)
    assert found.active_topics == active
    if active is None:
        assert found.active_share is None
        assert found.warnings == []


def test_diagnosing_draws_from_the_generator():
    model, state = make_model(), torch.random.get_rng_state()
    first, again = (
        diagnose(
            model,
            COUNTS,
            estimator="gengs",
            temperature=0.5,
            generator=torch.Generator().manual_seed(1),
        )
        for _ in range(2)
    )
    assert first.relaxation_gap == again.relaxation_gap
    assert torch.equal(torch.random.get_rng_state(), state)


def test_counts_at_the_end_are_clamped():
    assert figures(make_model(greatest=40)).clamped < 1e-3
    assert figures(make_model(greatest=3)).clamped > 0.2


def test_relaxed_values_between_the_atoms_are_a_gap():
    """Documents of half each topic, whose counts are nothing or ten: between them is better.

    The gaps are .4 and 0, each with a standard error of .03; bounds at 5 of these.
    """
    law = Finite(torch.zeros(2), torch.tensor([0.0, 10.0]))
    model = LatentCountModel(
        fixed_prior(law, 2, law.atoms), torch.ones(4), latent="given", prior_count=9.0
    )
    with torch.no_grad():
        model.topic_logits.copy_(8 * torch.eye(2).repeat_interleave(2, dim=1))
    counts = SparseCounts.from_csr(csr_matrix(np.ones((300, 4))))
    gap = {
        estimator: diagnose(model, counts, estimator=estimator, temperature=1.0).relaxation_gap
        for estimator in ("gengs", "gengs_st")
    }
    assert gap["gengs"] > 0.25
    assert abs(gap["gengs_st"]) < 0.15
