r"""What an effect is an effect on: quantities of the tokens :math:`n_{dk}` of a topic.

Every quantity is a regression of something that follows from the tokens:

=============  =================================================  =============================
name           equation                                           a coefficient is
=============  =================================================  =============================
share          :math:`E[n_{dk} / N_d] = a + x_d \cdot g`          a difference of the share
log_rate       :math:`E[n_{dk}] = e_d \exp(a + x_d \cdot g)`      a log ratio of the tokens
presence       :math:`P(n_{dk} > 0) = a + x_d \cdot g`            a difference of the probability
log_amount     the log rate among documents with the topic        a log ratio where it is present
=============  =================================================  =============================

The exposure :math:`e` of a rate is a document's length, :math:`N`, for attention: how much of a
document is about the topic. For the amount it is 1: how many tokens there are, in documents that
may also be longer.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from topicgen.errors import InputError, shown

Floats = NDArray[np.float64]

KINDS = ("share", "log_rate", "presence", "log_amount")
OF = ("attention", "amount")


class Quantity(NamedTuple):
    """A quantity to regress.

    Args:
        kind: a name in ``KINDS``.
        of: "attention" or "amount": whether the length is the exposure of a rate.
    """

    kind: str
    of: str

    @classmethod
    def named(cls, kind: str, of: str) -> "Quantity":
        """Return the quantity of these names.

        Raises:
            InputError: where there is none.
        """
        for name, value, known in (("kind", kind, KINDS), ("of", of, OF)):
            if not (isinstance(value, str) and value in known):
                raise InputError(
                    f"{name} must be one of {', '.join(map(repr, known))}, got {shown(value)}"
                )
        if of == "amount" and kind in ("share", "presence"):
            raise InputError(
                f"of='amount' goes with a rate, got kind={kind!r}; use kind='log_rate', or "
                "of='attention'"
            )
        return cls(kind, of)

    @property
    def is_logarithmic(self) -> bool:
        """Whether the regression is log-linear, and its coefficients are log ratios."""
        return self.kind.startswith("log_")

    def read(self, tokens: Floats, lengths: Floats) -> tuple[Floats, Floats]:
        """Return the response and the weight of documents in one draw.

        Args:
            tokens: shape (n_documents, n_topics).
            lengths: shape (n_documents,).

        Returns:
            Both of shape (n_documents, n_topics). The weight is the exposure of a rate, and 1
            otherwise.
        """
        present = tokens > 0
        if self.kind == "share":
            return tokens / lengths[:, None], np.ones_like(tokens)
        if self.kind == "presence":
            return present.astype(np.float64), np.ones_like(tokens)
        exposure = lengths if self.of == "attention" else np.ones_like(lengths)
        among = present if self.kind == "log_amount" else np.ones_like(tokens)
        return tokens, exposure[:, None] * among
