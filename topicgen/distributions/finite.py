r"""A distribution on finitely many atoms, written as :math:`P(z = c_j) = \pi_j`."""

import math
from typing import Any, TypeAlias

import torch
from torch import Generator, Tensor
from torch.distributions import Distribution, constraints
from torch.distributions.kl import register_kl

from topicgen.distributions.checks import check_parameter, check_tensors, validate
from topicgen.distributions.copies import deep_copy
from topicgen.distributions.row_generator import drawn_rows

Shape: TypeAlias = torch.Size | list[int] | tuple[int, ...]


class _Atoms(constraints.Constraint):
    """Values that are among the atoms."""

    is_discrete = True

    def __init__(self, atoms: Tensor) -> None:
        self.event_dim = atoms.dim() - 1
        self._atoms = atoms

    def check(self, value: Tensor) -> Tensor:
        if self.event_dim:
            return _is_atom(value, self._atoms).any(-1)
        return _find(value, self._atoms)[1]

    def __repr__(self) -> str:
        return f"Atoms({len(self._atoms)})"


class Finite(Distribution):
    r"""The distribution with mass :math:`\pi_j \propto \exp(\text{logits}_j)` on atom :math:`c_j`.

    Args:
        logits: unnormalised log-masses, shape (\*batch, n); ``-inf`` for an impossible atom.
        atoms: what carries the masses: distinct numbers in ascending order, shape (n,), or distinct
            vectors, shape (n, \*event).
        validate_args: as in ``torch.distributions``.

    Raises:
        ValueError: where the shapes do not agree, the atoms do not ascend, a logit is NaN or
            infinite, or a row has no possible atom.

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
        check_tensors(logits=logits, atoms=atoms)
        if atoms.dim() < 1 or logits.dim() < 1 or not 0 < logits.shape[-1] == len(atoms):
            raise ValueError(
                "expected atoms of shape (n,) or (n, *event) and logits of shape (..., n), got "
                f"atoms of shape {tuple(atoms.shape)} and logits of shape {tuple(logits.shape)}; "
                "give a logit for each atom"
            )
        self.atoms = atoms.to(logits)
        self._scores = logits
        self._logits: Tensor | None = None
        # With a gradient where they are 0, which logits have not; None for those of the logits.
        self._probs: Tensor | None = None
        super().__init__(logits.shape[:-1], atoms.shape[1:], validate_args=False)
        validate(self, validate_args)
        if self._validate_args:
            self._check()

    def _check(self) -> None:
        if self.atoms.dim() == 1 and bool((self.atoms[1:] <= self.atoms[:-1]).any()):
            raise ValueError(
                f"expected atoms in ascending order, got {self.atoms.tolist()}; sort them and drop "
                "duplicates"
            )
        if self.atoms.dim() > 1 and len(self.atoms.unique(dim=0)) < len(self.atoms):
            raise ValueError(
                f"expected distinct atoms, got duplicates among {len(self.atoms)}; drop them"
            )
        name = type(self).__name__
        is_usable = self._scores < torch.inf
        check_parameter(name, "logits", self._scores, is_usable, "finite, or -inf for no mass")
        has_mass = self._scores.amax(-1) > -torch.inf
        check_parameter(name, "logits", self._scores, has_mass, "an atom with a mass in each row")

    @property
    def logits(self) -> Tensor:
        r"""The log-masses :math:`\log \pi`, normalised, shape (\*batch, n)."""
        # On demand: a relaxed sample does without it.
        if self._logits is not None:
            return self._logits
        # The largest first: beside large numbers the sum would lose the small differences.
        shifted = self._scores - self._scores.detach().amax(-1, keepdim=True)
        logits = shifted - shifted.logsumexp(-1, keepdim=True)
        # Not kept without its graph: what is asked first in no_grad may be differentiated later.
        if torch.is_grad_enabled() or not self._scores.requires_grad:
            self._logits = logits
        return logits

    @property
    def probs(self) -> Tensor:
        r"""The masses :math:`\pi`, shape (\*batch, n)."""
        return self.logits.exp() if self._probs is None else self._probs

    @property
    def support(self) -> constraints.Constraint:
        """The atoms."""
        return _Atoms(self.atoms)

    @property
    def mean(self) -> Tensor:
        r""":math:`\sum_j \pi_j c_j`, shape (\*batch, \*event)."""
        return torch.tensordot(self.probs, self.atoms, 1)

    @property
    def variance(self) -> Tensor:
        r""":math:`\sum_j \pi_j (c_j - \text{mean})^2`, shape (\*batch, \*event)."""
        ranks = (*self.probs.shape, *[1] * len(self.event_shape))
        deviations = self.atoms - self.mean.unsqueeze(len(self.batch_shape))
        return (self.probs.reshape(ranks) * deviations.square()).sum(len(self.batch_shape))

    @property
    def mode(self) -> Tensor:
        r"""The atom with the largest mass, shape (\*batch, \*event)."""
        return self.atoms[self._scores.argmax(-1)]

    def entropy(self) -> Tensor:
        r""":math:`-\sum_j \pi_j \log \pi_j` in nats, shape (\*batch)."""
        return -_expectation(self.probs, self.logits)

    def log_prob(self, value: Tensor) -> Tensor:
        r"""Return the log-mass in nats of each value, shape (\*sample, \*batch).

        Raises:
            ValueError: where a value is no atom; without validation its log-mass is ``-inf``.
        """
        value = torch.as_tensor(value, dtype=self.atoms.dtype, device=self.atoms.device)
        if self._validate_args:
            self._validate_sample(value)
        shape = torch.broadcast_shapes(value.shape, self.batch_shape + self.event_shape)
        shape = shape[: len(shape) - len(self.event_shape)]
        index, is_atom = self._index(value)
        logits = self.logits.expand(*shape, len(self.atoms))
        log_prob = logits.gather(-1, index.expand(shape).unsqueeze(-1)).squeeze(-1)
        return log_prob.masked_fill(~is_atom, -torch.inf)

    def _index(self, value: Tensor) -> tuple[Tensor, Tensor]:
        """Return which atom each value is, and whether it is one."""
        if self.event_shape:
            matches = _is_atom(value, self.atoms)
            return matches.byte().argmax(-1), matches.any(-1)
        return _find(value, self.atoms)

    def enumerate_support(self, expand: bool = True) -> Tensor:
        r"""Return the atoms, shape (n, \*batch, \*event), or (n, 1, ..., \*event) unexpanded."""
        ones = [1] * len(self.batch_shape)
        atoms = self.atoms.reshape(len(self.atoms), *ones, *self.event_shape)
        return atoms.expand(-1, *self.batch_shape, *self.event_shape) if expand else atoms

    def sample(
        self,
        sample_shape: Shape = torch.Size(),  # noqa: B008
        *,
        generator: Generator | None = None,
    ) -> Tensor:
        r"""Draw atoms, shape (\*sample_shape, \*batch, \*event).

        Args:
            sample_shape: how many to draw.
            generator: where the randomness comes from; None for torch's global stream.
        """
        with torch.no_grad():
            sample_shape = torch.Size(sample_shape)
            batch, n = math.prod(self.batch_shape), len(self.atoms)
            # Draws of half precision are too coarse.
            wide = torch.promote_types(self._scores.dtype, torch.float32)
            cdf = self.probs.reshape(batch, n).to(wide).cumsum(-1)
            like = cdf.new_empty(*self.batch_shape, math.prod(sample_shape))
            draws = drawn_rows(Tensor.uniform_, like, generator).reshape(batch, like.shape[-1])
            # Scaled by the total, which rounding keeps from being 1, so no draw falls beyond it.
            index = torch.searchsorted(cdf, draws * cdf[:, -1:], right=True).clamp(max=n - 1)
            return self.atoms[index.T.reshape(sample_shape + self.batch_shape)]

    def expand(self, batch_shape: Shape, _instance: Any = None) -> "Finite":
        r"""Return the distribution with its masses repeated to the batch shape."""
        new = self._get_checked_instance(Finite, _instance)
        new.atoms = self.atoms
        new._scores = self._scores.expand(*batch_shape, len(self.atoms))
        new._logits = new._probs = None
        if self._logits is not None:
            new._logits = self._logits.expand(*batch_shape, len(self.atoms))
        if self._probs is not None:
            new._probs = self._probs.expand(*batch_shape, len(self.atoms))
        Distribution.__init__(new, torch.Size(batch_shape), self.event_shape, validate_args=False)
        new._validate_args = self._validate_args
        return new

    def __deepcopy__(self, memo: dict[int, Any]) -> "Finite":
        """Return a copy with gradients to the same parameters, or to copies of its own ones."""
        new: Finite = deep_copy(self, memo)
        if self._scores.is_leaf and self._scores.requires_grad:
            # What was derived from the logits is derived anew from their copy.
            new._logits = new._probs = None
        return new

    def __repr__(self) -> str:
        name, batch, n = type(self).__name__, tuple(self.batch_shape), len(self.atoms)
        if self.event_shape:
            return f"{name}(batch_shape={batch}, {n} atoms of shape {tuple(self.event_shape)})"
        ends = f"from {self.atoms[0].item():g} to {self.atoms[-1].item():g}"
        return f"{name}(batch_shape={batch}, {n} atoms {ends})"


def _find(value: Tensor, atoms: Tensor) -> tuple[Tensor, Tensor]:
    """Return which of the ascending atoms each number is, and whether it is one."""
    index = torch.searchsorted(atoms, value.contiguous()).clamp(max=len(atoms) - 1)
    return index, atoms.take(index) == value


def _is_atom(value: Tensor, atoms: Tensor) -> Tensor:
    r"""Return whether each vector is each of the atoms, shape (..., n)."""
    event = range(-1, -atoms.dim(), -1)
    matches = value.unsqueeze(-atoms.dim()) == atoms
    return matches.all(tuple(event)) if len(event) else matches


def _expectation(probs: Tensor, values: Tensor) -> Tensor:
    """Return the sum of probs * values, where a mass of 0 silences a value of -inf."""
    return (probs * values.masked_fill(probs == 0, 0.0)).sum(-1)


@register_kl(Finite, Finite)
def _kl_finite_finite(p: Finite, q: Finite) -> Tensor:
    r"""Return :math:`\sum_j \pi_j \log(\pi_j / \rho_j)` in nats."""
    same = p.atoms is q.atoms or (
        p.atoms.shape == q.atoms.shape
        # A compiler cannot look at them.
        and (torch.compiler.is_compiling() or not bool((p.atoms != q.atoms).any()))
    )
    if not same:
        raise ValueError(
            f"the KL divergence needs two distributions on the same atoms, got {p} and {q}; "
            "truncate both at the same ends"
        )
    return _expectation(p.probs, p.logits - q.logits)
