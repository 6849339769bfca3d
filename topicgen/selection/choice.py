"""The choice of the number of topics, with its scores and its reason."""

import os
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from topicgen import evaluation
from topicgen.errors import InputError, listed, shown
from topicgen.evaluation.ratio import ratio_of_sums
from topicgen.html import fragment, table, tag
from topicgen.randomness import RandomSource
from topicgen.selection import rule
from topicgen.selection.grid import GridPoint, score_grid
from topicgen.selection.reason import reason
from topicgen.topic_model import TopicModel

if TYPE_CHECKING:
    import pandas as pd


class Selection:
    r"""The scores of several numbers of topics, and the number that they recommend.

    For each number K, let :math:`r_K` be the log-likelihood of held-out words in nats per token
    (mean over the seeds), :math:`K^*` the number with the highest, and :math:`S_K` the stability:

    .. math::
        g_K = r_{K^*} - r_K, \qquad
        \hat K = \arg\max \{S_K : g_K \le 2 e_K\},

    where :math:`e_K` is the standard error of :math:`g_K`, over documents, which are paired, and
    over the seeds of both:

    .. math::
        e_K^2 = \text{s.e.}_\text{documents}^2 + (s_K^2 + s_{K^*}^2) / n_\text{seeds}.

    Prediction cannot distinguish the numbers within two standard errors of the best, so the most
    stable of these is chosen: other seeds find its topics again most reliably. The choice is
    ``conclusive`` where its stability is at least 1/2 and it is inside the grid. If no such number
    is that stable, the largest smaller number that is stable is recommended. If no smaller number
    is stable either, or there is one seed, so that the stability is unknown, it is the number of
    the highest quality (coherence x diversity) up to ``n_enough``. ``reason`` says what decided.

    Args:
        points: the scores of each number, as :func:`score_grid` yields them.

    Raises:
        InputError: no points.

    Source: Breiman, Friedman, Olshen and Stone (1984), section 3.4.3 (standard errors); Greene,
    O'Callaghan and Cunningham (2014) (stability); Dieng, Ruiz and Blei (2020) (quality = coherence
    x diversity). docs/selection.md compares the rule with others on planted topics.

    Example:
        >>> one = GridPoint(
        ...     n_components=2,
        ...     log_prob=np.log([[0.25, 0.25]]),
        ...     n_tokens=np.array([1, 1]),
        ...     coherence=np.array([0.5]),
        ...     diversity=np.array([0.8]),
        ...     stability=np.nan,
        ...     seconds=np.array([1.0]),
        ... )
        >>> Selection([one]).table[["n_components", "perplexity", "quality"]].to_dict("records")
        [{'n_components': 2, 'perplexity': 4.0, 'quality': 0.4}]
    """

    def __init__(self, points: Iterable[GridPoint]) -> None:
        given = listed(points)
        if given is None or not all(isinstance(point, GridPoint) for point in given):
            raise InputError(
                f"points must be those that score_grid yields, got {shown(points)}; pass a list"
            )
        self.points: list[GridPoint] = sorted(given, key=lambda point: point.n_components)
        if not self.points:
            raise InputError(
                "expected the scores of at least one number of topics in points, got none; pass "
                "those that score_grid yields"
            )

    @cached_property
    def table(self) -> "pd.DataFrame":
        """A row for each number of topics, in ascending order.

        Columns: ``n_components``; ``perplexity`` of document completion on the held-out documents,
        the geometric mean over the seeds, with its ``perplexity_error`` over documents and
        ``perplexity_sd`` over seeds; ``gap``, by how much it predicts worse than the best, in nats
        per token, and its standard error ``gap_error``; ``coherence``, ``diversity`` and their
        product ``quality``, means over the seeds, with ``coherence_sd``, ``diversity_sd`` and
        ``quality_sd``; ``stability``; ``seconds`` per model. Deviations over seeds and stability
        are NaN with one seed.
        """
        import pandas as pd

        best = max(self.points, key=lambda point: point.log_prob.sum())
        return pd.DataFrame([_row(point, best) for point in self.points])

    @property
    def n_enough(self) -> int:
        """The smallest number that predicts within two standard errors of the best."""
        return rule.n_enough(self.table)

    @property
    def n_components(self) -> int:
        """The recommended number of topics."""
        return rule.recommended(self.table)

    @property
    def conclusive(self) -> bool:
        """Whether the recommended number predicts best, is stable and lies inside the grid."""
        return rule.is_conclusive(self.table)

    @property
    def reason(self) -> str:
        """Why this number was chosen, in plain words, and what speaks against it."""
        return reason(self.table, n_held_out=self.points[0].n_tokens.size)

    def __repr__(self) -> str:
        sizes = [point.n_components for point in self.points]
        return f"Selection(n_components={self.n_components}, of {sizes})"

    def _repr_html_(self) -> str:
        rows = []
        for row in self.table.to_dict("records"):
            chosen = row["n_components"] == self.n_components
            name = f"{row['n_components']:.0f}"
            rows.append(
                [
                    tag("b", f"{name}, recommended") if chosen else name,
                    f"{row['perplexity']:,.0f}",
                    f"{row['gap']:.3f} ± {row['gap_error']:.3f}",
                    *(f"{row[score]:.2f}" for score in ("coherence", "diversity", "stability")),
                ]
            )
        header = ["topics", "perplexity", "gap ± s.e.", "coherence", "diversity", "stability"]
        scores = table(header, rows, caption="Numbers of topics", numbers=range(1, len(header)))
        return fragment(scores, tag("p", self.reason))


def select_k(
    X: Any,
    n_components: Sequence[int] | None = None,
    *,
    embeddings: Any = None,
    n_seeds: int = 3,
    estimator: TopicModel | None = None,
    held_out: float = 0.1,
    top_n: int = 10,
    random_state: RandomSource = 0,
    verbose: int = 0,
    checkpoint: str | os.PathLike[str] | None = None,
    resume: bool = False,
) -> Selection:
    """Score models of several numbers of topics, and recommend one.

    The documents are split once. All models are fitted to the same training documents and predict
    the held-out ones; the coherence of their topics is measured in all documents. The vocabulary of
    texts is that of all documents too.

    Args:
        X: texts, a ``Corpus``, or counts of shape (n_documents, n_features), whole numbers.
        n_components: two or more numbers of topics, each at most the number of training documents
            and of words; by default those of 5, 10, 20, 30, 50, 75 and 100 for which there are ten
            training documents per topic (2 and 5 where there are few documents).
        embeddings: of the documents, as in ``TopicModel.fit``.
        n_seeds: models of each number; with one, their spread and the stability are unknown, and
            the choice is not conclusive.
        estimator: a ``TopicModel`` with the other parameters of all models; its layers above the
            topics are left out. By default ``TopicModel()``.
        held_out: the share of the documents with words that are held out: at least 5 documents,
            1,000 at most.
        top_n: words of each topic that coherence, diversity and stability look at.
        random_state: of the split and of the models' seeds, in place of the estimator's: a seed,
            numpy's ``Generator`` or ``RandomState``, or None.
        verbose: 1 shows a progress bar on standard error.
        checkpoint: a folder to keep the scores of finished models in, or None. Remove it when the
            selection is complete.
        resume: whether to keep the finished models in that folder and fit only the others; the
            result is the same as without the interruption. ``random_state`` has to be the same
            number as before; the grid and the number of seeds may be larger.

    Returns:
        The table of scores, the recommended number, its reason, and whether it is conclusive.

    Raises:
        InputError: documents or a parameter that cannot be used; more topics than there are
            training documents or words; fewer than two numbers; too few documents to hold some out.

    Source: see :class:`Selection`.

    Example:
        >>> docs = ["cats purr and cats sleep", "dogs bark and dogs run"] * 30
        >>> small = TopicModel(max_epochs=20)
        >>> selection = select_k(docs, [1, 2], n_seeds=2, top_n=3, estimator=small)
        >>> selection.n_components
        2
    """
    points = score_grid(
        X,
        n_components,
        embeddings=embeddings,
        n_seeds=n_seeds,
        estimator=estimator,
        held_out=held_out,
        top_n=top_n,
        random_state=random_state,
        verbose=verbose,
        checkpoint=checkpoint,
        resume=resume,
    )
    return Selection(points)


def _row(point: GridPoint, best: GridPoint) -> dict[str, float]:
    rate, best_rate = _rates(point), _rates(best)
    mean = evaluation.perplexity(point.log_prob.mean(0), point.n_tokens)
    gap, over_documents = ratio_of_sums((best.log_prob - point.log_prob).mean(0), point.n_tokens)
    over_seeds = np.hypot(_sd(rate), _sd(best_rate)) / np.sqrt(len(rate))
    error = np.hypot(over_documents, np.nan_to_num(over_seeds))
    quality = point.coherence * point.diversity
    return {
        "n_components": point.n_components,
        "perplexity": mean.corpus,
        "perplexity_error": mean.standard_error,
        "perplexity_sd": _sd(np.exp(-rate)),
        "gap": gap,
        "gap_error": 0.0 if point is best else float(error),
        "coherence": float(point.coherence.mean()),
        "coherence_sd": _sd(point.coherence),
        "diversity": float(point.diversity.mean()),
        "diversity_sd": _sd(point.diversity),
        "quality": float(quality.mean()),
        "quality_sd": _sd(quality),
        "stability": point.stability,
        "seconds": float(point.seconds.mean()),
    }


def _rates(point: GridPoint) -> NDArray[np.float64]:
    """Return the log-likelihood of each seed's model in nats per token."""
    rates: NDArray[np.float64] = point.log_prob.sum(1) / point.n_tokens.sum()
    return rates


def _sd(values: NDArray[np.float64]) -> float:
    return float(values.std(ddof=1)) if len(values) > 1 else np.nan
