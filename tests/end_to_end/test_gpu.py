"""What runs on a GPU, where there is one."""

import numpy as np
import pytest
import torch
from scipy.sparse import csr_matrix

from topicgen import TopicModel
from topicgen.distributions import Finite, GeneralizedGumbelSoftmax
from topicgen.kernels.recording import Recorded
from topicgen.training import Collection, generator
from topicgen.training.resident import Resident

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")

CUDA = torch.device("cuda")


@pytest.fixture(scope="module")
def counts(planted_counts):
    return csr_matrix(np.vstack([planted_counts.toarray()] * 3))


def fitted(counts, device, **options):
    options = {"max_epochs": 12, "random_state": 0, **options}
    return TopicModel(3, device=device, **options).fit(counts)


def matched(model):
    """The planted topic of each topic, in order."""
    return sorted(model.components_.reshape(3, 3, 10).sum(-1).argmax(-1).tolist())


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"latent": "binomial"},
        {"likelihood": "poisson"},
        {"likelihood": "negative_binomial"},
        {"inference": "implicit"},
        {"gradient_estimator": "gengs_st"},
        {"gradient_estimator": "eat", "latent": "poisson"},
        {"token_dropout": 0.0},
        {"background": True},
    ],
    ids=str,
)
def test_a_fit_is_as_good_as_on_a_cpu(counts, options):
    ours, theirs = fitted(counts, "cuda", **options), fitted(counts, "cpu", **options)
    assert ours.perplexity(counts) == pytest.approx(theirs.perplexity(counts), rel=0.05)
    if "background" not in options:
        assert matched(ours) == [0, 1, 2]


def test_layers_above_the_topics(counts):
    model = fitted(counts, "cuda", upper_components=(2,))
    assert np.isfinite(model.perplexity(counts, "elbo"))
    assert np.isfinite(model.perplexity(counts[:20], "ais"))


def test_a_model_gives_the_same_on_both(counts, tmp_path):
    model = fitted(counts, "cuda")
    model.save(tmp_path / "model")
    loaded = TopicModel.load(tmp_path / "model").set_params(device="cpu")
    np.testing.assert_allclose(model.transform(counts), loaded.transform(counts), atol=1e-8)
    for method in ("document_completion", "elbo", "iwae", "ais"):
        ours, theirs = (m.perplexity(counts, method) for m in (model, loaded))
        assert ours == pytest.approx(theirs, rel=0.02)


def test_partial_fit_goes_on(counts):
    model = TopicModel(3, device="cuda", random_state=0)
    for start in range(0, 360, 120):
        model.partial_fit(counts[start : start + 120])
    assert matched(model) == [0, 1, 2]


def test_documents_come_in_parts_where_they_are_too_many(counts):
    options = {"batch_size": 32, "token_dropout": 0.5, "count_power": 1.0}
    batches = Resident(
        Collection(counts, device=CUDA),
        generator=generator(0, CUDA),
        most_entries=500,
        **options,
    )
    tokens = sum(
        (batch.observed.n_tokens.sum() + batch.predicted.n_tokens.sum()).item()
        for batch in batches.epoch()
    )
    assert tokens == counts.sum()


def test_the_same_digits_where_they_are_asked_for(counts):
    torch.use_deterministic_algorithms(True, warn_only=True)
    try:
        assert matched(fitted(counts, "cuda", max_epochs=5)) == [0, 1, 2]
    finally:
        torch.use_deterministic_algorithms(False)


def test_a_replayed_step_draws_anew():
    random, x = generator(0, CUDA), torch.zeros(4, device=CUDA)

    def step(x):
        x.copy_(torch.rand(4, device=CUDA, generator=random))

    recorded, seen = Recorded(step, CUDA, random), []
    for _ in range(7):
        recorded(x)
        seen.append(tuple(x.tolist()))
    assert len(set(seen)) == 7


@pytest.mark.parametrize("straight_through", [False, True])
def test_relaxed_samples_have_the_moments_of_a_cpu(straight_through):
    """Means of 200,000 draws: more than 5 standard errors apart once in a million seeds."""
    scores, atoms = torch.tensor([[0.1, -1.0, 0.5, 0.3]]), torch.tensor([0.0, 1.0, 2.0, 5.0])
    draws = {}
    for device in ("cpu", "cuda"):
        x = scores.to(device).requires_grad_()
        law = Finite(x, atoms.to(device))
        relaxed = GeneralizedGumbelSoftmax(law, 0.5, straight_through=straight_through)
        z = relaxed.rsample((200_000,), generator=generator(0, device))
        z.square().mean().backward()
        draws[device] = z.detach().mean().item(), x.grad.cpu()
    assert draws["cpu"][0] == pytest.approx(draws["cuda"][0], abs=5 * 2.2 / 200_000**0.5)
    torch.testing.assert_close(draws["cpu"][1], draws["cuda"][1], atol=0.05, rtol=0)
