r"""A law on finitely many numbers, written as :math:`P(z = c_j) = \pi_j`."""

import math
from typing import Any, TypeAlias

import torch
from torch import Tensor
from torch.distributions import Distribution, constraints
from torch.distributions.kl import register_kl

Shape: TypeAlias = torch.Size | list[int] | tuple[int, ...]


class _Atoms(constraints.Constraint):
    """Values that are among the atoms."""

    is_discrete = True

    def __init__(self, atoms: Tensor) -> None:
        self._atoms = atoms

    def check(self, value: Tensor) -> Tensor:
        return (value.unsqueeze(-1) == self._atoms).any(-1)


class Finite(Distribution):
    r"""The law with the mass :math:`\pi_j \propto \exp(\text{logits}_j)` on the atom :math:`c_j`.

    Args:
        logits: unnormalised log-masses, shape (\*batch, n).
        atoms: the numbers that carry the masses, shape (n,), distinct and in ascending order.
        validate_args: as in ``torch.distributions``.

    Raises:
        ValueError: where the shapes do not agree, or the atoms do not ascend.

    Example:
        >>> law = Finite(torch.tensor([0.25, 0.75]).log(), torch.tensor([0.0, 2.0]))
        >>> law.mean, law.variance
        (tensor(1.5000), tensor(0.7500))
        >>> law.log_prob(torch.tensor(2.0)).exp()
        tensor(0.7500)
    """

    arg_constraints = {"logits": constraints.independent(constraints.real, 1)}  # noqa: RUF012
    has_enumerate_support = True

    def __init__(self, logits: Tensor, atoms: Tensor, validate_args: bool | None = None) -> None:
        if atoms.dim() != 1 or logits.dim() < 1 or logits.shape[-1] != len(atoms):
            raise ValueError(
                "expected atoms of shape (n,) and logits of shape (..., n), got atoms of shape "
                f"{tuple(atoms.shape)} and logits of shape {tuple(logits.shape)}; give a logit "
                "for each atom"
            )
        if bool((atoms[1:] <= atoms[:-1]).any()):
            raise ValueError(
                f"expected atoms in ascending order, got {atoms.tolist()}; sort them and drop "
                "those that come twice"
            )
        self.atoms = atoms.to(logits)
        super().__init__(logits.shape[:-1], validate_args=False)
        # Normalised once; an impossible atom (-inf) is kept as one. With few atoms this is many
        # times as fast as log_softmax, whose kernels are made for long rows.
        self.logits = logits - logits.logsumexp(-1, keepdim=True)
        if validate_args is not False and bool(self.logits.isnan().any()):
            raise ValueError(
                "expected logits that are numbers, at least one of each row finite, got NaN or a "
                f"row of -inf in logits of shape {tuple(logits.shape)}"
            )

    @property
    def probs(self) -> Tensor:
        r"""The masses :math:`\pi`, shape (\*batch, n)."""
        return self.logits.exp()

    @property
    def support(self) -> constraints.Constraint:
        """The atoms."""
        return _Atoms(self.atoms)

    @property
    def mean(self) -> Tensor:
        r""":math:`\sum_j \pi_j c_j`, shape (\*batch)."""
        return self.probs @ self.atoms

    @property
    def variance(self) -> Tensor:
        r""":math:`\sum_j \pi_j (c_j - \text{mean})^2`, shape (\*batch)."""
        return (self.probs * (self.atoms - self.mean.unsqueeze(-1)).square()).sum(-1)

    def entropy(self) -> Tensor:
        r""":math:`-\sum_j \pi_j \log \pi_j` in nats, shape (\*batch)."""
        return -_expectation(self.probs, self.logits)

    def log_prob(self, value: Tensor) -> Tensor:
        r"""Return the log-mass in nats of each value: ``-inf`` beside the atoms."""
        value = torch.as_tensor(value, dtype=self.atoms.dtype, device=self.atoms.device)
        index = torch.searchsorted(self.atoms, value.contiguous()).clamp(max=len(self.atoms) - 1)
        shape = torch.broadcast_shapes(value.shape, self.batch_shape)
        logits = self.logits.expand(*shape, len(self.atoms))
        index = index.expand(shape)
        log_prob = logits.gather(-1, index.unsqueeze(-1)).squeeze(-1)
        return log_prob.masked_fill(self.atoms[index] != value, -torch.inf)

    def enumerate_support(self, expand: bool = True) -> Tensor:
        r"""Return the atoms, shape (n, \*batch), or (n, 1, ..., 1) without ``expand``."""
        atoms = self.atoms.reshape(-1, *[1] * len(self.batch_shape))
        return atoms.expand(-1, *self.batch_shape) if expand else atoms

    def sample(self, sample_shape: Shape = torch.Size()) -> Tensor:  # noqa: B008
        r"""Draw atoms, shape (\*sample_shape, \*batch)."""
        with torch.no_grad():
            shape = self._extended_shape(torch.Size(sample_shape))
            batch, n = math.prod(self.batch_shape), len(self.atoms)
            cdf = self.probs.reshape(batch, n).cumsum(-1)
            draws = torch.rand((batch, math.prod(sample_shape)), dtype=cdf.dtype, device=cdf.device)
            # Scaled by the total, which rounding keeps from being 1, so no draw falls beyond it.
            index = torch.searchsorted(cdf, draws * cdf[:, -1:], right=True).clamp(max=n - 1)
            return self.atoms[index.T.reshape(shape)]

    def expand(self, batch_shape: Shape, _instance: Any = None) -> "Finite":
        r"""Return the law with its masses repeated to the batch shape."""
        new = self._get_checked_instance(Finite, _instance)
        new.atoms = self.atoms
        new.logits = self.logits.expand(*batch_shape, len(self.atoms))
        Distribution.__init__(new, torch.Size(batch_shape), validate_args=False)
        return new

    def __repr__(self) -> str:
        low, high = self.atoms[0].item(), self.atoms[-1].item()
        return (
            f"{type(self).__name__}(batch_shape={tuple(self.batch_shape)}, "
            f"{len(self.atoms)} atoms from {low:g} to {high:g})"
        )


def _expectation(probs: Tensor, values: Tensor) -> Tensor:
    """Return the sum of probs * values, where a mass of 0 silences a value of -inf."""
    return (probs * values.masked_fill(probs == 0, 0.0)).sum(-1)


@register_kl(Finite, Finite)
def _kl_finite_finite(p: Finite, q: Finite) -> Tensor:
    r"""Return :math:`\sum_j \pi_j \log(\pi_j / \rho_j)` in nats."""
    if p.atoms.shape != q.atoms.shape or bool((p.atoms != q.atoms).any()):
        raise ValueError(
            f"expected two laws on the same atoms, got {p} and {q}; truncate both at the same ends"
        )
    return _expectation(p.probs, p.logits - q.logits)
