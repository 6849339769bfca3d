"""What an edit of the topics did, and what it costs."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Cost:
    """How much worse a model predicts documents after an edit, by document completion.

    Args:
        documents: "held-out documents", or "documents" if others are among them.
        n_documents: the number of documents with tokens to predict.
        before: the perplexity before the edit.
        after: the perplexity after it.
        low: the lower end of the 95% interval of the relative change of the perplexity.
        high: its upper end.

    Example:
        >>> print(Cost("held-out documents", 222, 780.0, 783.9, 0.001, 0.009))
        perplexity of 222 held-out documents: 780.0 before, 783.9 after (+0.5%, 95% interval +0.1% \
to +0.9%)
    """

    documents: str
    n_documents: int
    before: float
    after: float
    low: float
    high: float

    @property
    def change(self) -> float:
        """The relative change of the perplexity: .01 is 1% worse."""
        return self.after / self.before - 1

    def __str__(self) -> str:
        return (
            f"perplexity of {self.n_documents:,} {self.documents}: {self.before:.1f} before, "
            f"{self.after:.1f} after ({self.change:+.1%}, 95% interval {self.low:+.1%} to "
            f"{self.high:+.1%})"
        )


@dataclass(frozen=True)
class Edit:
    """An edit of the topics of a model.

    Args:
        kind: "rename", "merge", "drop", "split", "freeze" or "unfreeze".
        text: what was done, in a few words.
        numbers: the number that each topic has after the edit, None for a topic that is gone; None
            if no number has changed.
        cost: how much worse the model predicts; None for an edit that does not change predictions.

    Example:
        >>> print(Edit("drop", "dropped topic 1 (bank, rate)", (0, None, 1)))
        dropped topic 1 (bank, rate); topic 2 is now 1
    """

    kind: str
    text: str
    numbers: tuple[int | None, ...] | None = None
    cost: Cost | None = None

    def __str__(self) -> str:
        parts = [self.text, *([self._moved] if self._moved else [])]
        return "; ".join(parts) + ("" if self.cost is None else f"\n  {self.cost}")

    @property
    def _moved(self) -> str:
        """Which topics have new numbers, in a few words."""
        if self.numbers is None:
            return ""
        moved = [(old, new) for old, new in enumerate(self.numbers) if new not in (None, old)]
        # Of a merged topic, the text says where it is.
        if self.kind == "merge":
            kept = [new for new in self.numbers if self.numbers.count(new) == 1]
            moved = [(old, new) for old, new in moved if new in kept]
        if not moved:
            return ""
        (first, first_new), (last, last_new) = moved[0], moved[-1]
        if first == last:
            return f"topic {first} is now {first_new}"
        is_run = (
            len({old - (new or 0) for old, new in moved}) == 1 and last - first == len(moved) - 1
        )
        if is_run:
            return f"topics {first} to {last} are now {first_new} to {last_new}"
        return "now " + ", ".join(f"{old} is {new}" for old, new in moved)

    def to_config(self) -> dict[str, Any]:
        """Return the edit for ``from_config``, ready for JSON."""
        return asdict(self)

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> "Edit":
        """Return the edit that ``to_config`` described.

        Raises:
            KeyError, TypeError: where something is missing.
        """
        numbers, cost = config["numbers"], config["cost"]
        return cls(
            kind=config["kind"],
            text=config["text"],
            numbers=None if numbers is None else tuple(numbers),
            cost=None if cost is None else Cost(**cost),
        )
