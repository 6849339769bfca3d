import pytest
import torch

from topicgen.models import Hierarchy, Known, evidence_bound


def test_topics_of_every_level_are_distributions_over_words(enumerable):
    topics = enumerable(2).hierarchy.topics()
    assert len(topics) == 3
    for words in topics:
        assert words.shape == (2, 4)
        torch.testing.assert_close(words.sum(-1), torch.ones(2, dtype=torch.float64))


def test_counts_are_drawn_from_the_top_down(enumerable):
    model = enumerable(2)
    counts = model.copies([3, 0, 1, 0], 50)
    ascended = model.hierarchy.posteriors(counts)
    drawn = model.hierarchy.draw(counts, ascended)
    assert [level.z.shape for level in drawn] == [(50, 2)] * 3
    assert drawn[2].prior.batch_shape == (2,)
    for level in (0, 1):
        expected = model.hierarchy.prior(level, drawn[level + 1].z)
        torch.testing.assert_close(drawn[level].prior.logits, expected.logits)
    torch.testing.assert_close(drawn[2].q.logits, ascended[2].logits)


def test_the_top_is_sampled_by_the_generator(enumerable):
    model = enumerable(1)
    counts, state = model.copies([3, 0, 1, 0], 50), torch.random.get_rng_state()
    first, again = (
        model.hierarchy.sample_top(counts, generator=torch.Generator().manual_seed(3))
        for _ in range(2)
    )
    assert torch.equal(first, again)
    assert set(first.flatten().tolist()) <= {0.0, 1.0, 2.0}
    assert torch.equal(torch.random.get_rng_state(), state)


@pytest.mark.parametrize("n_layers", [0, 1, 2])
def test_a_hierarchy_comes_back_from_its_weights(enumerable, n_layers):
    hierarchy = enumerable(n_layers).hierarchy.float()
    names = {"latent": "poisson", "likelihood": "multinomial", "inference": "explicit"}
    again = Hierarchy.from_weights(hierarchy.weights(), n_layers=n_layers, **names)
    assert again.weights().keys() == hierarchy.weights().keys()
    for name, value in again.weights().items():
        torch.testing.assert_close(value, hierarchy.weights()[name], rtol=0, atol=0, equal_nan=True)
    for ours, theirs in zip(again.topics(), hierarchy.topics(), strict=True):
        assert torch.equal(ours, theirs)


def test_documents_with_covariates_have_a_hierarchy_of_their_own(enumerable):
    from topicgen.models import DocumentCovariates, Known, LogLinear

    function = LogLinear([0], [], 2)
    function.coefficients.copy_(torch.tensor([[1.0, -1.0]]))
    hierarchy = enumerable(0, prevalence=function).hierarchy
    assert hierarchy.given(None) is hierarchy
    covariates = torch.tensor([[0.0], [2.0]], dtype=torch.float64)
    known = Known(DocumentCovariates(covariates, torch.zeros(2, 0, dtype=torch.long)))
    given = hierarchy.given(known)
    assert given.base.known is known
    assert given.prior(0, None).batch_shape == (2, 2)
    torch.testing.assert_close(
        given.prior(0, None).mean[0], hierarchy.prior(0, None).mean, rtol=0.05, atol=0
    )
    assert (given.prior(0, None).mean[1] > given.prior(0, None).mean[0]).tolist() == [True, False]
    assert hierarchy.base.known is None


@pytest.mark.parametrize("n_layers", [0, 1, 2])
def test_the_encoders_own_posteriors_are_those_without_any_ascent(enumerable, n_layers):
    model = enumerable(n_layers)
    counts = model.copies([3, 0, 1, 0], 200)
    own = model.hierarchy.amortised()
    expected = own.base.posterior(counts, own.base.topic_word())
    torch.testing.assert_close(own.posteriors(counts)[0].probs, expected.probs)
    for level, layer in enumerate(own.layers, 1):
        found = layer.posterior(own.posteriors(counts)[level - 1].mean, n_steps=0)
        torch.testing.assert_close(own.posteriors(counts)[level].probs, found.probs)
    bound = evidence_bound(own, counts, n_samples=20)
    assert bool(bound.elbo.isfinite().all())
    assert own.given(Known()).n_steps == 0
    assert model.hierarchy.n_steps > 0
