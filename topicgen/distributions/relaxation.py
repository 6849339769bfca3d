r"""The relaxed pick of an atom, in one pass over parts of the batch that fit a core's cache.

Written out, :math:`\operatorname{softmax}((\log\pi + g)/\tau) \, c` and its gradient make seven
arrays of the size batch x atoms. Here one array of noise becomes, in place and part by part, the
weights, and in the backward pass the gradient.
"""

import math
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import torch
from torch import Generator, Tensor

from topicgen import kernels
from topicgen.distributions.checks import is_transformed
from topicgen.distributions.row_generator import Wanted, drawn_rows, wanted_rows

# Elements of a part on a CPU, however many its threads, on which no result may depend; a GPU takes
# all at once.
_PART = 2**18
# From this length on a row fills the vector registers, and torch's softmax is the faster.
_LONG_ROW = 16
# Between the uniform draws of 32 bits.
_SPACING = 2.0**-32 * (1 - 2.0**-22)
# A kernel holds a row in registers.
_LONGEST_ROW_OF_KERNELS = 4096
# Of fewer elements, the launches of plain operations take less time than those of a kernel.
_FEW_ELEMENTS = 2**21
# So many rows keep a GPU busy; of fewer, the samples are rows of their own.
_MANY_ROWS = 2**14
# Of all inputs of the pick but the scores.
_NO_GRADIENTS = (None,) * 6


def relaxed_pick(
    scores: Tensor,
    atoms: Tensor,
    temperature: float | Tensor,
    n_samples: int = 1,
    *,
    straight_through: bool = False,
    generator: Generator | None = None,
) -> Tensor:
    r"""Return the values of relaxed Gumbel-Max races.

    .. math:: z = \sum_j w_j c_j, \qquad
        w = \operatorname{softmax}\Bigl(\frac{\text{scores} + g}{\tau}\Bigr),
        \quad g_j \sim \text{Gumbel}(0, 1)

    Args:
        scores: unnormalised log-masses, shape (\*batch, n), with gradients.
        atoms: :math:`c`, shape (n,) or (n, \*event).
        temperature: :math:`\tau > 0`.
        n_samples: how many races to run for each row.
        straight_through: whether to return the winner of each race, with the gradient of the
            relaxed value.
        generator: where the noise comes from; None for torch's global stream. One that wants some
            rows of a batch is taken to want rows of the first axis of the scores.

    Returns:
        Shape (n_samples, \*batch, \*event).
    """
    if scores.dtype in (torch.float16, torch.bfloat16):
        # In which noise is too coarse.
        wide = relaxed_pick(
            scores.float(),
            atoms.float(),
            temperature,
            n_samples,
            straight_through=straight_through,
            generator=generator,
        )
        return wide.to(scores.dtype)
    is_learnt = any(isinstance(x, Tensor) and x.requires_grad for x in (atoms, temperature))
    # A temperature that is a tensor is that of a step to be recorded, in which launches are free.
    is_small = scores.is_cuda and n_samples * scores.numel() < _FEW_ELEMENTS
    if is_learnt or is_transformed() or (is_small and not isinstance(temperature, Tensor)):
        # The same in plain operations: with a gradient for all of them, for a compiler to fuse, and
        # for torch.func to transform.
        like = scores.expand(n_samples, *scores.shape)
        race = scores - drawn_rows(_log_exponential, like, generator, dim=1)
        values = torch.tensordot((race / temperature).softmax(-1), atoms, 1)
        winner = race.argmax(-1) if straight_through else None
    elif _suits_kernels(scores, atoms, generator):
        options = n_samples, straight_through, generator
        values, winner = _by_kernel(scores, atoms, temperature, *options)
    else:
        batch, flat = scores.shape[:-1], atoms.reshape(len(atoms), -1)
        rows = scores.reshape(-1, len(atoms))
        options = n_samples, straight_through, generator
        wanted = wanted_rows(generator)
        if wanted is not None:
            wanted = wanted.times(math.prod(batch[1:]))
        picked = _RelaxedPick.apply(rows, flat, float(temperature), *options, wanted)
        values = picked[0].reshape(n_samples, *batch, *atoms.shape[1:])
        winner = None if picked[1] is None else picked[1].reshape(n_samples, *batch)
    if winner is None:
        return values
    return atoms[winner] + (values - values.detach())


def _suits_kernels(scores: Tensor, atoms: Tensor, generator: Generator | None) -> bool:
    return (
        kernels.usable(scores)
        and atoms.dim() == 1
        and len(atoms) <= _LONGEST_ROW_OF_KERNELS
        and wanted_rows(generator) is None
    )


def _by_kernel(
    scores: Tensor,
    atoms: Tensor,
    temperature: float | Tensor,
    n_samples: int,
    needs_winner: bool,
    generator: Generator | None,
) -> tuple[Tensor, Tensor | None]:
    from topicgen.kernels.races import RelaxedPick

    seed = torch.randint(2**62, (), generator=generator, device=scores.device)
    if n_samples == 1 or scores.numel() >= _MANY_ROWS * len(atoms):
        options = atoms, temperature, n_samples, needs_winner, seed
        picked: tuple[Tensor, Tensor | None] = RelaxedPick.apply(scores, *options)
        return picked
    every = scores.expand(n_samples, *scores.shape)
    values, winner = RelaxedPick.apply(every, atoms, temperature, 1, needs_winner, seed)
    return values[0], None if winner is None else winner[0]


class _RelaxedPick(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        scores: Tensor,
        atoms: Tensor,
        temperature: float,
        n_samples: int,
        needs_winner: bool,
        generator: Generator | None,
        wanted: Wanted | None,
    ) -> tuple[Tensor, Tensor | None]:
        ctx.temperature = temperature
        ctx.wanted = wanted
        ctx.generator_state = _state(generator) if scores.device.type == "cpu" else None
        shape = torch.Size((n_samples, *scores.shape))
        values = scores.new_empty(*shape[:-1], atoms.shape[1])
        winner = torch.empty(shape[:-1], dtype=torch.int64, device=scores.device)
        weights = scores.new_empty(shape) if ctx.needs_input_grad[0] else None
        for part, draw_ in _draws_of_parts(shape, scores.device, generator, wanted):
            block = _block(shape, part, scores) if weights is None else weights[part]
            race = _race_(block, scores[part[1]], draw_)
            if needs_winner:
                winner[part] = race.argmax(-1)
            _softmax_(race, temperature)
            values[part] = _each_times(race, atoms)
        ctx.save_for_backward(scores, atoms, values)
        ctx.weights = weights
        if not needs_winner:
            return values, None
        ctx.mark_non_differentiable(winner)
        return values, winner

    @staticmethod
    def backward(ctx: Any, gradient: Tensor, _: Any) -> tuple[Tensor | None, ...]:
        scores, atoms, values = ctx.saved_tensors
        if torch.is_grad_enabled():
            return _differentiable(ctx, gradient, scores, atoms), *_NO_GRADIENTS
        weights = ctx.weights
        if weights is None:
            weights = _drawn_again(ctx, scores, values.shape[0])
        # dz / dscore_j = w_j (c_j - z) / tau. The array of one sample's weights becomes the
        # gradient: where the graph is kept for a second pass, they are then drawn again.
        is_taken = len(weights) == 1 and ctx.generator_state is not None
        if is_taken:
            ctx.weights = None
        pulled = gradient / ctx.temperature
        result = weights[0] if is_taken else torch.zeros_like(scores)
        for part in _parts(weights.shape, scores.device):
            block = _inner_products(pulled[part], atoms, values[part])
            if is_taken:
                result[part[1]].mul_(block[0])
            else:
                result[part[1]] += block.mul_(weights[part]).sum(0)
        return result, *_NO_GRADIENTS


def _differentiable(ctx: Any, gradient: Tensor, scores: Tensor, atoms: Tensor) -> Tensor:
    """Return the gradient with a graph of its own, for second derivatives."""
    weights = ctx.weights
    if weights is None:
        weights = _drawn_again(ctx, scores, gradient.shape[0])
    # The noise, up to a number for each row that a softmax does not see.
    noise = (weights.log() * ctx.temperature - scores.detach()).nan_to_num(nan=0.0)
    weights = ((scores + noise) / ctx.temperature).softmax(-1)
    pulled = gradient @ atoms.T - (gradient * (weights @ atoms)).sum(-1, keepdim=True)
    return (weights * pulled / ctx.temperature).sum(0)


def _drawn_again(ctx: Any, scores: Tensor, n_samples: int) -> Tensor:
    """Return the weights of the forward pass, by a generator in the state that it began with."""
    generator = Generator()
    generator.set_state(ctx.generator_state)
    weights = scores.new_empty(n_samples, *scores.shape)
    with torch.no_grad():
        parts = _draws_of_parts(weights.shape, scores.device, generator, ctx.wanted)
        for part, draw_ in parts:
            _softmax_(_race_(weights[part], scores[part[1]], draw_), ctx.temperature)
    return weights


def _state(generator: Generator | None) -> Tensor:
    return torch.get_rng_state() if generator is None else generator.get_state()


def _race_(block: Tensor, scores: Tensor, draw_: Callable[[Tensor], Tensor]) -> Tensor:
    """Fill the tensor with the scores and Gumbel noise."""
    return torch.sub(scores, draw_(block), out=block)


def _draws_of_parts(
    shape: torch.Size, device: torch.device, generator: Generator | None, wanted: Wanted | None
) -> Iterator[tuple[tuple[slice, slice], Callable[[Tensor], Tensor]]]:
    """Yield which samples and which rows to take together, and what fills a tensor with noise."""
    if wanted is None:
        for part in _parts(shape, device):
            yield part, partial(_log_exponential_, generator=generator)
        return
    n_samples, _, n_atoms = shape
    whole = torch.Size((n_samples, wanted.n_rows, n_atoms))
    for samples, rows in _parts(whole, device):
        first, last, _ = rows.indices(wanted.n_rows)
        shape = torch.Size((len(range(*samples.indices(n_samples))), last - first, n_atoms))
        start = min(max(wanted.start, first), last)
        stop = max(min(wanted.stop, last), start)
        own = slice(start - wanted.start, stop - wanted.start) if start < stop else slice(0, 0)
        among = shape, slice(start - first, stop - first)
        # Also where none of the part's rows is wanted: the draws of later rows come after theirs.
        yield (samples, own), partial(_log_exponential_, generator=generator, among=among)


def _log_exponential(like: Tensor, generator: Generator | None) -> Tensor:
    """Return logarithms of exponential draws, by operations that can be transformed."""
    shape = like.shape
    if like.is_cuda and not is_transformed():
        return like.new_empty(shape).exponential_(generator=generator).log_()
    if like.device.type != "cpu" or like.dtype != torch.float32:
        info = torch.finfo(like.dtype)
        draws = torch.rand(shape, generator=generator, dtype=like.dtype, device=like.device)
        draws = (draws * (1 - info.tiny) + info.tiny).clamp(max=1 - info.eps / 2)
        return (-draws.log()).log()
    n = math.prod(shape)
    bits = torch.randint(-(2**63), 2**63 - 1, ((n + 1) // 2,), generator=generator)
    bits = bits ^ -(2**63)
    halves = torch.stack([bits << 32 >> 32, bits >> 32], -1).reshape(-1)[:n].reshape(shape)
    return (-(halves.to(like.dtype) * _SPACING + 0.5).log()).log()


def _log_exponential_(
    block: Tensor,
    generator: Generator | None = None,
    among: tuple[torch.Size, slice] | None = None,
) -> Tensor:
    """Fill the tensor with logarithms of exponential draws: Gumbel noise of the other sign."""
    _uniform_(block, generator, among)
    return block.log_().neg_().log_()


def _uniform_(
    block: Tensor,
    generator: Generator | None = None,
    among: tuple[torch.Size, slice] | None = None,
) -> None:
    """Fill the tensor with uniform draws that are neither 0 nor 1: both would decide the race.

    Args:
        block: the tensor, of any shape; with ``among``, (n_samples, n_rows, n_atoms).
        generator: where the randomness comes from; None for torch's global stream.
        among: the shape of all that is drawn, and which of its rows are the block's.
    """
    shape = block.shape if among is None else among[0]
    if block.device.type != "cpu" or block.dtype != torch.float32:
        info = torch.finfo(block.dtype)
        draws = block if among is None else block.new_empty(shape)
        draws.uniform_(info.tiny, 1.0, generator=generator).clamp_(max=1 - info.eps / 2)
        if among is not None:
            block.copy_(draws[:, among[1]])
        return
    # Drawing 64 bits costs torch's generator no more than drawing a float: two draws in one.
    n = math.prod(shape)
    bits = torch.empty((n + 1) // 2, dtype=torch.int64)
    bits.random_(-(2**63), None, generator=generator)
    draws = bits.view(torch.int32)[:n].reshape(shape)
    if among is not None:
        draws = draws[:, among[1]]
    # From 2^-23 to 1 - 2^-23.
    block.copy_(draws).mul_(_SPACING).add_(0.5)


def _each_times(rows: Tensor, matrix: Tensor) -> Tensor:
    """Return rows @ matrix in the same digits for any number of threads.

    Those of a product with several columns depend on how a library shares it out, but for rows that
    are taken one by one.
    """
    if matrix.shape[1] == 1:
        return rows @ matrix
    each = rows.reshape(-1, 1, rows.shape[-1])
    product = torch.bmm(each, matrix.expand(len(each), *matrix.shape))
    return product.reshape(*rows.shape[:-1], matrix.shape[1])


def _inner_products(gradient: Tensor, atoms: Tensor, values: Tensor) -> Tensor:
    r"""Return :math:`g^\top (c_j - z)` for each row and atom."""
    if atoms.shape[1] == 1:
        return torch.sub(atoms.T, values).mul_(gradient)
    products = _each_times(gradient, atoms.T)
    return products.sub_((gradient * values).sum(-1, keepdim=True))


def _softmax_(race: Tensor, temperature: float) -> None:
    """Replace each row by its softmax at the temperature."""
    if race.shape[-1] >= _LONG_ROW:
        torch.softmax(race.div_(temperature), -1, out=race)
        return
    race.sub_(race.amax(-1, keepdim=True)).div_(temperature).exp_()
    race.div_(race @ race.new_ones(race.shape[-1], 1))


def _parts(shape: torch.Size, device: torch.device) -> Iterator[tuple[slice, slice]]:
    """Yield which samples and which rows to take together."""
    n_samples, n_rows, n_atoms = shape
    n = max(1, _PART // n_atoms) if device.type == "cpu" else n_samples * n_rows
    if n < n_rows:
        for sample in range(n_samples):
            for row in range(0, n_rows, n):
                yield slice(sample, sample + 1), slice(row, row + n)
        return
    step = max(1, n // max(1, n_rows))
    for sample in range(0, n_samples, step):
        yield slice(sample, sample + step), slice(None)


def _block(shape: torch.Size, part: tuple[slice, slice], like: Tensor) -> Tensor:
    """Return room for a part."""
    sizes = [len(range(*which.indices(size))) for which, size in zip(part, shape, strict=False)]
    return like.new_empty(*sizes, shape[-1])
