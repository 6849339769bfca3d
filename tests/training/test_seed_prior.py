import math

import numpy as np
import pytest
import torch

from topicgen.training.seed_prior import _ODDS_WRONG, _WEIGHT, SeedPrior, seed_strength


def prior(seeds, totals):
    return SeedPrior([np.array(each) for each in seeds], np.array(totals, dtype=float))


def test_log_prob_by_hand():
    """The first word's tokens all come from its topic, a quarter of the second's from its own."""
    topic_word = torch.tensor([[0.5, 0.3, 0.2], [0.0, 0.1, 0.9]], dtype=torch.float64)
    expected = _WEIGHT * (7 * math.log(1 + _ODDS_WRONG) + 5 * math.log(0.25 + _ODDS_WRONG))
    found = prior([[0], [1]], [7, 5, 3]).log_prob(topic_word)
    assert found.item() == pytest.approx(expected)


def pull(share, n_topics=4):
    """The gradient in the logit of a seed's word in its topic, for 1 token of the word."""
    others = (1 - share) / (n_topics - 1)
    logits = torch.tensor([share] + [others] * (n_topics - 1), dtype=torch.float64).log()
    logits.requires_grad_()
    at_word = logits.exp().unsqueeze(-1)
    prior([[0]], [1.0]).log_prob(at_word).backward()
    return logits.grad[0].item()


@pytest.mark.parametrize("share", [0.01, 0.2, 0.5, 0.9])
def test_the_pull_is_that_of_known_tokens_times_the_strength(share):
    strength = share / (share + _ODDS_WRONG)
    assert pull(share) == pytest.approx(_WEIGHT * strength * (1 - share))


def test_the_pull_fades_where_a_seed_is_wrong_and_where_its_topic_has_all_of_it():
    assert pull(0.3) > 5 * pull(0.01)
    assert pull(0.3) > 5 * pull(0.99)


def test_a_wrong_seed_holds_less_of_its_word_than_it_has():
    assert _WEIGHT < _ODDS_WRONG


def test_a_word_may_be_a_seed_of_two_topics():
    topic_word = torch.tensor([[0.5, 0.5], [0.5, 0.5]])
    both = prior([[0], [0]], [1.0, 1.0]).log_prob(topic_word)
    assert both.item() == pytest.approx(2 * _WEIGHT * math.log(0.5 + _ODDS_WRONG))


def test_a_word_that_no_topic_has_is_finite():
    assert math.isfinite(prior([[0]], [1.0, 1.0]).log_prob(torch.tensor([[0.0, 1.0]])).item())


def test_strengths_are_from_0_to_1():
    np.testing.assert_allclose(seed_strength(np.array([0.0, 1.0])), [0, 1])
    assert (np.diff(seed_strength(np.linspace(0, 1, 9))) > 0).all()
