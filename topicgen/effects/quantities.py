r"""The quantities that are compared, computed from the tokens :math:`n_{dk}` of a topic.

Each quantity is computed from the tokens, and regressed on the covariates:

=============  ====================================================  =============================
name           equation                                              a coefficient is
=============  ====================================================  =============================
share          :math:`E[n_{dk} / N_d] = a_k + x_d \cdot g_k`         a difference of the share
log_rate       :math:`E[n_{dk}] = e_d \exp(a_k + x_d \cdot g_k)`     a log ratio of the tokens
presence       :math:`P(n_{dk} > 0) = a_k + x_d \cdot g_k`           a difference of probabilities
log_amount     that of the log rate, among documents with the topic  a log ratio where it is present
=============  ====================================================  =============================

For attention, the exposure :math:`e_d` is the length of the document, :math:`N_d`: the rate is the
tokens of the topic per token of the document. For the amount, it is 1: the rate is the tokens of
the topic per document, which is also higher where documents are longer.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from topicgen.errors import InputError, shown
from topicgen.plain import quoted

Floats = NDArray[np.float64]

KINDS = ("share", "log_rate", "presence", "log_amount")
OF = ("attention", "amount")


class Quantity(NamedTuple):
    """A quantity to regress.

    Args:
        kind: a name in ``KINDS``.
        of: "attention", where the length is the exposure of a rate, or "amount", where it is not.
    """

    kind: str
    of: str

    @classmethod
    def named(cls, kind: str, of: str) -> "Quantity":
        """Return the quantity of these names.

        Raises:
            InputError: where a name is unknown, or the two do not go together.
        """
        for name, value, known in (("kind", kind, KINDS), ("of", of, OF)):
            if not (isinstance(value, str) and value in known):
                raise InputError(
                    f"{name} must be one of {', '.join(map(repr, known))}, got {shown(value)}"
                )
        if of == "amount" and kind in ("share", "presence"):
            raise InputError(
                f"of='amount' goes with a rate, got kind={quoted(kind)}; use "
                "kind='log_rate' (--kind log_rate), or of='attention'"
            )
        return cls(kind, of)

    @property
    def is_logarithmic(self) -> bool:
        """Whether the regression is log-linear, and its coefficients are log ratios."""
        return self.kind.startswith("log_")

    def read(self, tokens: Floats, lengths: Floats) -> tuple[Floats, Floats]:
        """Return the response and the exposure of the documents in one draw.

        Args:
            tokens: of each topic, shape (n_documents, n_topics).
            lengths: the tokens of each document, shape (n_documents,).

        Returns:
            Both of shape (n_documents, n_topics). The exposure of a share or presence is 1; that of
            the log amount is 0 for documents without the topic.

        Example:
            >>> tokens, lengths = np.array([[3.0, 1.0], [0.0, 2.0]]), np.array([4.0, 2.0])
            >>> Quantity("share", "attention").read(tokens, lengths)[0].tolist()
            [[0.75, 0.25], [0.0, 1.0]]
        """
        present = tokens > 0
        if self.kind == "share":
            return tokens / lengths[:, None], np.ones_like(tokens)
        if self.kind == "presence":
            return present.astype(np.float64), np.ones_like(tokens)
        exposure = lengths if self.of == "attention" else np.ones_like(lengths)
        among = present if self.kind == "log_amount" else np.ones_like(tokens)
        return tokens, exposure[:, None] * among
