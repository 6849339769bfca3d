r"""Relaxed Gumbel-Max races with noise that is never stored in memory.

The noise of each row and atom is a function of a seed and of its position (Salmon, Moraes, Dror and
Shaw, 2011), so that the backward pass can draw it again. Only the scores and their gradient
pass through memory.
"""

from typing import Any

import torch
import triton
import triton.language as tl
from torch import Tensor

# The smallest number of rounds of Philox that passes all tests of Salmon et al.
_ROUNDS = tl.constexpr(7)
# The distance between the 32-bit uniform draws, as in `distributions.relaxation`.
_SPACING = tl.constexpr(2.0**-32 * (1 - 2.0**-22))
# How many elements a program holds in registers.
_ELEMENTS = 2048


class RelaxedPick(torch.autograd.Function):
    """The races of ``distributions.relaxed_pick``, with the values and the winners' indices."""

    @staticmethod
    def forward(
        ctx: Any,
        scores: Tensor,
        atoms: Tensor,
        temperature: float | Tensor,
        n_samples: int,
        needs_winner: bool,
        seed: Tensor,
    ) -> tuple[Tensor, Tensor | None]:
        r"""Return values of shape (n_samples, \*batch), and the winners if requested.

        Args:
            ctx: what the backward pass needs.
            scores: shape (\*batch, n_atoms), with gradients.
            atoms: shape (n_atoms,).
            temperature: a number, or a tensor of shape () that is read when the kernel runs.
            n_samples: how many races to run for each row.
            needs_winner: whether to return the indices of the winning atoms.
            seed: the seed of the noise, one 64-bit integer.
        """
        scores = scores.contiguous()
        n_rows, n_atoms = _sizes(scores)
        values = scores.new_empty(n_samples, *scores.shape[:-1])
        winner = values
        if needs_winner:
            winner = torch.empty(values.shape, dtype=torch.int64, device=scores.device)
        grid, sizes = _launch(n_rows, n_atoms)
        if n_rows:
            _race[_by_sample(grid, n_samples)](
                scores,
                atoms,
                temperature,
                seed,
                values,
                winner,
                n_rows,
                n_atoms,
                IS_READ=isinstance(temperature, Tensor),
                NEEDS_WINNER=needs_winner,
                **sizes,
            )
        ctx.temperature = temperature
        ctx.save_for_backward(scores, atoms, seed)
        if not needs_winner:
            return values, None
        ctx.mark_non_differentiable(winner)
        return values, winner

    @staticmethod
    def backward(ctx: Any, gradient: Tensor, _: Any) -> tuple[Tensor | None, ...]:
        """Return the gradient of the scores."""
        scores, atoms, seed = ctx.saved_tensors
        temperature = ctx.temperature
        none = (None,) * 5
        if torch.is_grad_enabled():
            return _differentiable(gradient, scores, atoms, temperature, seed), *none
        n_rows, n_atoms = _sizes(scores)
        result = torch.empty_like(scores)
        grid, sizes = _launch(n_rows, n_atoms)
        if n_rows:
            _race_gradient[grid](
                gradient.contiguous(),
                scores,
                atoms,
                temperature,
                seed,
                result,
                n_rows,
                n_atoms,
                len(gradient),
                IS_READ=isinstance(temperature, Tensor),
                **sizes,
            )
        return result, *none


def noise(seed: Tensor, n_samples: int, like: Tensor) -> Tensor:
    r"""Return the noise in the races of a seed: logarithms of exponential draws.

    Args:
        seed: one 64-bit integer, on the device of ``like``.
        n_samples: how many races there are for each row.
        like: the scores, shape (\*batch, n_atoms).

    Returns:
        Shape (n_samples, \*batch, n_atoms).
    """
    n_rows, n_atoms = _sizes(like)
    result = like.new_empty(n_samples, *like.shape)
    grid, sizes = _launch(n_rows, n_atoms)
    if n_rows:
        _write_noise[_by_sample(grid, n_samples)](seed, result, n_rows, n_atoms, **sizes)
    return result


def _differentiable(
    gradient: Tensor, scores: Tensor, atoms: Tensor, temperature: float | Tensor, seed: Tensor
) -> Tensor:
    """Return the gradient with a graph of its own, for second derivatives."""
    drawn = noise(seed, len(gradient), scores)
    weights = ((scores - drawn) / temperature).softmax(-1)
    pulled = gradient.unsqueeze(-1) * (atoms - (weights @ atoms).unsqueeze(-1))
    return (weights * pulled / temperature).sum(0)


def _sizes(scores: Tensor) -> tuple[int, int]:
    """Return the number of rows and of atoms."""
    n_atoms = scores.shape[-1]
    return scores.numel() // n_atoms, n_atoms


def _launch(n_rows: int, n_atoms: int) -> tuple[tuple[int], dict[str, int]]:
    """Return the grid, and the block sizes of a program."""
    quarter = max(1, triton.next_power_of_2(n_atoms) // 4)
    rows = max(1, min(_ELEMENTS // (4 * quarter), triton.next_power_of_2(max(n_rows, 1))))
    return (triton.cdiv(n_rows, rows),), {"ROWS": rows, "QUARTER": quarter}


def _by_sample(grid: tuple[int], n_samples: int) -> tuple[int, int]:
    return grid[0], n_samples


@triton.jit
def _inverse(temperature, IS_READ: tl.constexpr):
    if IS_READ:
        temperature = tl.load(temperature)
    return 1.0 / temperature


@triton.jit
def _log_exponentials(seed, sample, row, atom):
    """Return logarithms of exponential draws, for the atoms of the four quarters."""
    zero = row * 0 + atom * 0
    a, b, c, d = tl.philox(seed, zero + row, zero + atom, zero + sample, zero, _ROUNDS)
    return _log_exponential(a), _log_exponential(b), _log_exponential(c), _log_exponential(d)


@triton.jit
def _log_exponential(bits):
    draw = bits.to(tl.int32, bitcast=True).to(tl.float32) * _SPACING
    # Near 1 the logarithm of a uniform draw loses precision; one minus the draw is as good.
    return tl.log(tl.maximum(-tl.log(0.5 + draw), 0.5 - draw))


@triton.jit
def _load_scores(scores, row, atom, n_atoms, is_row):
    where = row.to(tl.int64) * n_atoms + atom
    return tl.load(scores + where, mask=is_row & (atom < n_atoms), other=float("-inf"))


@triton.jit
def _weights(scores, seed, sample, row, column, n_atoms, is_row, inverse, QUARTER: tl.constexpr):
    """Return the weights of the atoms of the four quarters, and their perturbed scores."""
    e, f, g, h = _log_exponentials(seed, sample, row, column)
    a = (_load_scores(scores, row, column, n_atoms, is_row) - e) * inverse
    b = (_load_scores(scores, row, column + QUARTER, n_atoms, is_row) - f) * inverse
    c = (_load_scores(scores, row, column + 2 * QUARTER, n_atoms, is_row) - g) * inverse
    d = (_load_scores(scores, row, column + 3 * QUARTER, n_atoms, is_row) - h) * inverse
    most = tl.max(tl.maximum(tl.maximum(a, b), tl.maximum(c, d)), 1, keep_dims=True)
    most = tl.where(is_row, most, 0.0)
    p, q, r, s = tl.exp(a - most), tl.exp(b - most), tl.exp(c - most), tl.exp(d - most)
    share = 1.0 / tl.where(is_row, tl.sum((p + q) + (r + s), 1, keep_dims=True), 1.0)
    return p * share, q * share, r * share, s * share, a, b, c, d


@triton.jit
def _load_atoms(atoms, atom, n_atoms):
    return tl.load(atoms + atom, mask=atom < n_atoms, other=0.0)


@triton.jit(do_not_specialize=["n_rows"])
def _race(
    scores,
    atoms,
    temperature,
    seed,
    values,
    winner,
    n_rows,
    n_atoms,
    IS_READ: tl.constexpr,
    NEEDS_WINNER: tl.constexpr,
    ROWS: tl.constexpr,
    QUARTER: tl.constexpr,
):
    sample = tl.program_id(1)
    row = (tl.program_id(0) * ROWS + tl.arange(0, ROWS))[:, None]
    column = tl.arange(0, QUARTER)[None, :]
    is_row = row < n_rows
    inverse = _inverse(temperature, IS_READ)
    p, q, r, s, a, b, c, d = _weights(
        scores, tl.load(seed), sample, row, column, n_atoms, is_row, inverse, QUARTER
    )
    value = p * _load_atoms(atoms, column, n_atoms) + q * _load_atoms(
        atoms, column + QUARTER, n_atoms
    )
    value += r * _load_atoms(atoms, column + 2 * QUARTER, n_atoms)
    value += s * _load_atoms(atoms, column + 3 * QUARTER, n_atoms)
    where = _at(row, sample, n_rows)
    tl.store(values + where, tl.sum(value, 1, keep_dims=True), mask=is_row)
    if NEEDS_WINNER:
        most, index = _better(a, column, b, column + QUARTER)
        other, at = _better(c, column + 2 * QUARTER, d, column + 3 * QUARTER)
        most, index = _better(most, index, other, at)
        best = tl.max(most, 1, keep_dims=True)
        first = tl.min(tl.where(most == best, index, n_atoms), 1, keep_dims=True)
        tl.store(winner + where, first.to(tl.int64), mask=is_row)


@triton.jit
def _at(row, sample, n_rows):
    """Return the place of the value of a row and sample, in 64 bits for more than 2^31 values."""
    wide = row.to(tl.int64)
    return wide + (wide * 0 + n_rows) * sample


@triton.jit
def _better(a, i, b, j):
    return tl.maximum(a, b), tl.where(a >= b, i, j)


@triton.jit(do_not_specialize=["n_rows", "n_samples"])
def _race_gradient(
    gradient,
    scores,
    atoms,
    temperature,
    seed,
    result,
    n_rows,
    n_atoms,
    n_samples,
    IS_READ: tl.constexpr,
    ROWS: tl.constexpr,
    QUARTER: tl.constexpr,
):
    row = (tl.program_id(0) * ROWS + tl.arange(0, ROWS))[:, None]
    column = tl.arange(0, QUARTER)[None, :]
    is_row = row < n_rows
    inverse = _inverse(temperature, IS_READ)
    e = _load_atoms(atoms, column, n_atoms)
    f = _load_atoms(atoms, column + QUARTER, n_atoms)
    g = _load_atoms(atoms, column + 2 * QUARTER, n_atoms)
    h = _load_atoms(atoms, column + 3 * QUARTER, n_atoms)
    # dz / dscore_j = w_j (c_j - z) / tau.
    t = tl.zeros((ROWS, QUARTER), scores.dtype.element_ty)
    u, v, w = t, t, t
    for sample in range(n_samples):
        p, q, r, s, _, _, _, _ = _weights(
            scores, tl.load(seed), sample, row, column, n_atoms, is_row, inverse, QUARTER
        )
        value = tl.sum((p * e + q * f) + (r * g + s * h), 1, keep_dims=True)
        where = _at(row, sample, n_rows)
        pulled = tl.load(gradient + where, mask=is_row, other=0.0) * inverse
        t += pulled * p * (e - value)
        u += pulled * q * (f - value)
        v += pulled * r * (g - value)
        w += pulled * s * (h - value)
    _store_quarter(result, t, row, column, n_atoms, is_row)
    _store_quarter(result, u, row, column + QUARTER, n_atoms, is_row)
    _store_quarter(result, v, row, column + 2 * QUARTER, n_atoms, is_row)
    _store_quarter(result, w, row, column + 3 * QUARTER, n_atoms, is_row)


@triton.jit(do_not_specialize=["n_rows"])
def _write_noise(seed, result, n_rows, n_atoms, ROWS: tl.constexpr, QUARTER: tl.constexpr):
    sample = tl.program_id(1)
    row = (tl.program_id(0) * ROWS + tl.arange(0, ROWS))[:, None]
    column = tl.arange(0, QUARTER)[None, :]
    a, b, c, d = _log_exponentials(tl.load(seed), sample, row, column)
    is_row = row < n_rows
    row = _at(row, sample, n_rows)
    _store_quarter(result, a, row, column, n_atoms, is_row)
    _store_quarter(result, b, row, column + QUARTER, n_atoms, is_row)
    _store_quarter(result, c, row, column + 2 * QUARTER, n_atoms, is_row)
    _store_quarter(result, d, row, column + 3 * QUARTER, n_atoms, is_row)


@triton.jit
def _store_quarter(place, values, row, atom, n_atoms, is_row):
    where = row.to(tl.int64) * n_atoms + atom
    tl.store(place + where, values, mask=is_row & (atom < n_atoms))
