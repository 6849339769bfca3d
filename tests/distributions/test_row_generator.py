import pytest
import torch
from torch.distributions import Poisson

from topicgen.distributions import Finite, Truncated, relaxation
from topicgen.distributions.relaxation import relaxed_pick
from topicgen.distributions.row_generator import RowGenerator, Wanted, drawn_rows
from topicgen.gradients import ExponentialArrivals, GaussianApproximation, LeaveOneOut

N = 7


def wanting(start, stop):
    generator = RowGenerator()
    generator.manual_seed(5)
    generator.wanted = Wanted(start, stop, N, greatest=lambda values: values.clamp_min(13.5))
    return generator


def plain():
    return torch.Generator().manual_seed(5)


def check_rows(draw, dim):
    """Draws of rows equal those of one process, and leave the generator in the same state."""
    alone = plain()
    whole = draw(slice(None), alone)
    for start, stop in [(0, 3), (3, 7), (2, 2), (0, 7)]:
        shared = wanting(start, stop)
        rows = draw(slice(start, stop), shared)
        torch.testing.assert_close(rows, whole.narrow(dim, start, stop - start))
        assert torch.equal(shared.get_state(), alone.get_state())


@pytest.mark.parametrize("part", [relaxation._PART, 20, 7])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("straight_through", [False, True])
@pytest.mark.parametrize("n_samples", [1, 3])
def test_relaxed_picks_of_rows(monkeypatch, part, dtype, straight_through, n_samples):
    monkeypatch.setattr(relaxation, "_PART", part)
    scores, atoms = torch.randn(N, 2, 5, dtype=dtype), torch.arange(5, dtype=dtype)

    def draw(rows, generator):
        some = scores[rows].requires_grad_()
        return relaxed_pick(
            some, atoms, 0.5, n_samples, straight_through=straight_through, generator=generator
        ).detach()

    check_rows(draw, dim=1)


def test_the_gradient_of_rows_is_that_of_one_process():
    scores, atoms = torch.randn(N, 2, 5), torch.arange(5.0)
    gradients = []
    for rows, generator in [(slice(None), plain()), (slice(2, 4), wanting(2, 4))]:
        some = scores[rows].clone().requires_grad_()
        z = relaxed_pick(some, atoms, 0.5, generator=generator)
        z.square().sum().backward(retain_graph=True)
        first = some.grad.clone()
        some.grad = None
        z.square().sum().backward()  # with the noise drawn again
        torch.testing.assert_close(some.grad, first)
        gradients.append(first)
    torch.testing.assert_close(gradients[1], gradients[0][2:4])


def test_relaxed_picks_of_rows_with_learnt_atoms():
    scores = torch.randn(N, 2, 5)

    def draw(rows, generator):
        atoms = torch.arange(5.0, requires_grad=True)
        return relaxed_pick(scores[rows], atoms, 0.5, generator=generator).detach()

    check_rows(draw, dim=1)


def test_whole_samples_of_rows():
    logits = torch.randn(N, 2, 5)

    def draw(rows, generator):
        return Finite(logits[rows], torch.arange(5.0)).sample((4,), generator=generator)

    check_rows(draw, dim=1)


@pytest.mark.parametrize("estimator", [GaussianApproximation(), ExponentialArrivals(0.5)])
def test_other_estimators(estimator):
    rate = torch.rand(N, 4) * 5
    rate[0, 0] = 9.0  # the greatest; 9 (1 + .5) decides how many arrivals are drawn

    def draw(rows, generator):
        law = Truncated(Poisson(rate[rows]), upper=30)
        return estimator.sample(law, 2, generator=generator)

    check_rows(draw, dim=1)


def test_the_score_function():
    logits = torch.randn(N, 2, 5)

    def draw(rows, generator):
        law = Finite(logits[rows], torch.arange(5.0))
        return LeaveOneOut(4).surrogate(law, lambda z: z.sum(-1), generator=generator)

    check_rows(draw, dim=0)


def test_without_wanted_rows_it_is_a_generator_of_torch():
    generator = RowGenerator()
    generator.manual_seed(5)
    assert torch.equal(
        drawn_rows(torch.Tensor.normal_, torch.empty(20), generator),
        torch.empty(20).normal_(generator=plain()),
    )


def test_rows_are_wanted_within_the_block_only():
    generator = RowGenerator()
    with generator.wanting(wanting(0, 1).wanted):
        assert generator.wanted is not None
    assert generator.wanted is None
