import numpy as np
import pytest
import torch
from scipy.sparse import csr_matrix

from topicgen.models import (
    DocumentCovariates,
    Known,
    LatentCountModel,
    LogLinear,
    SparseCounts,
    count_atoms,
    reordered,
)
from topicgen.models.priors import PRIORS


def make_model():
    random = torch.Generator().manual_seed(0)
    mean = torch.tensor([1.0, 2.0, 3.0])
    function = LogLinear([0], [2], n_topics=3)
    function.coefficients.copy_(torch.randn(1, 3, generator=random))
    function.intercepts0.copy_(torch.randn(2, 3, generator=random))
    prior = PRIORS["negative_binomial"](mean, count_atoms(12))
    model = LatentCountModel(
        prior, torch.ones(7), prevalence=function, background=True, generator=random
    )
    with torch.no_grad():
        model.log_pseudo_counts.copy_(torch.tensor([0.1, 0.2, 0.3]))
        model.rate_shape.copy_(torch.tensor([0.5, 1.5, 2.5]))
    return model


def test_everything_of_a_topic_moves_with_it():
    model, other = make_model(), make_model()
    order = torch.tensor([2, 0, 1])
    other.load_state_dict(reordered(model.state_dict(), order))
    words = np.array([[3.0, 0, 1, 0, 2, 0, 0], [0, 1, 0, 4, 0, 0, 1]])
    counts = SparseCounts.from_csr(csr_matrix(words))
    covariates = DocumentCovariates(torch.tensor([[0.5], [-1.0]]), torch.tensor([[0], [1]]))
    for known in (None, Known(covariates)):
        one, two = model.given(known), other.given(known)
        torch.testing.assert_close(two.topic_word(), one.topic_word()[order])
        found = one.doc_topic(counts, one.topic_word())
        torch.testing.assert_close(two.doc_topic(counts, two.topic_word()), found[:, order])
        torch.testing.assert_close(two.prior.mean, one.prior.mean[..., order])
        torch.testing.assert_close(two.rates.mean, one.rates.mean[..., order])
        torch.testing.assert_close(two.rates.shape, one.rates.shape[..., order])


def test_every_entry_with_as_many_rows_as_topics_is_known():
    """Only topics are three: there are two levels of a group, 13 counts and seven words."""
    model = make_model()
    state = model.state_dict()
    moved = reordered(state, torch.tensor([2, 1, 0]))
    axes = {
        name: [axis for axis, n in enumerate(value.shape) if n == 3]
        for name, value in state.items()
    }
    for name, value in state.items():
        expected = value.flip(axes[name]) if axes[name] else value
        torch.testing.assert_close(moved[name], expected, msg=name)


@pytest.mark.parametrize("entry", ["topic_logits.exp_avg", "log_pseudo_counts.exp_avg_sq"])
def test_the_moments_of_adam_move_too(entry):
    state = {entry: torch.arange(3.0), "topic_logits.step": torch.tensor(4.0)}
    moved = reordered(state, torch.tensor([1, 2, 0]))
    assert moved[entry].tolist() == [1, 2, 0]
    assert moved["topic_logits.step"] == 4
