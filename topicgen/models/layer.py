"""A layer above the topics: its own topics are groups of those below."""

import math

import torch
from torch import Tensor, nn

from topicgen.distributions import Finite
from topicgen.models.count_laws import count_law
from topicgen.models.encoders import MakesEncoder
from topicgen.models.latent_counts import BOUND_STEPS, LatentCountModel
from topicgen.models.proportions import proportions
from topicgen.models.sparse import SparseCounts
from topicgen.prefixes import entries_under


class Layer(nn.Module):
    r"""A layer above another: its own model, and what its counts let expect of the counts below.

    Args:
        model: its counts :math:`y`, with the topics below as words.
        family: :math:`P`, of the counts below.
        atoms: the counts below, shape (n,).
        n_units: :math:`c`, the sum of the counts expected below.
        tempering: the weight of the counts below as evidence for this layer's.
    """

    atoms: Tensor
    tempering: Tensor

    def __init__(
        self,
        model: LatentCountModel,
        family: str,
        atoms: Tensor,
        n_units: float,
        tempering: float = 0.1,
    ) -> None:
        super().__init__()
        self.model = model
        self.family = family
        n_below = len(model.log_frequency)
        dtype = model.topic_logits.dtype
        self.log_units = nn.Parameter(torch.tensor(math.log(n_units), dtype=dtype))
        log_dispersion = torch.full((n_below,), math.log(0.2), dtype=dtype)
        self.log_dispersion = nn.Parameter(log_dispersion)
        self.register_buffer("atoms", atoms.clone())
        self.register_buffer("tempering", torch.tensor(tempering, dtype=dtype))

    @classmethod
    def from_state(
        cls,
        state: dict[str, Tensor],
        *,
        family: str,
        encoder: str | MakesEncoder = "unfolded",
    ) -> "Layer":
        """Return the layer of a ``state_dict``.

        Raises:
            KeyError, RuntimeError, ValueError: where an entry is missing or of another shape.
        """
        model = LatentCountModel.from_state(
            entries_under(state, "model."),
            latent="negative_binomial",
            likelihood="multinomial",
            inference="explicit",
            encoder=encoder,
        )
        layer = cls(model, family, state["atoms"], n_units=1.0)
        layer.load_state_dict(state)
        return layer

    def below(self, y: Tensor) -> Finite:
        """Return p(z | y), batch shape (n_documents, n_topics_below)."""
        expected = proportions(y, self.model.smoothing) @ self.model.topic_word()
        mean = self.log_units.exp() * expected
        return count_law(self.family, mean, self.atoms, self.log_dispersion.exp())

    def posterior(
        self, below: Tensor, prior: Finite | None = None, *, n_steps: int = BOUND_STEPS
    ) -> Finite:
        """Return q(y | z), batch shape (n_documents, n_topics).

        Args:
            below: the expected counts below, shape (n_documents, n_topics_below).
            prior: of each document's counts; without it the model's own.
            n_steps: of coordinate ascent after the encoder.
        """
        counts = _as_counts(self.tempering * below)
        return self.model.posterior(counts, self.model.topic_word(), n_steps, prior)


def _as_counts(means: Tensor) -> SparseCounts:
    """Return a dense matrix as counts, every entry among them."""
    n_rows, n_columns = means.shape
    starts = torch.arange(n_rows + 1, device=means.device) * n_columns
    columns = torch.arange(n_columns, device=means.device).repeat(n_rows)
    return SparseCounts(starts, columns, means.flatten(), n_columns)
