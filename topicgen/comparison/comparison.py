"""Models compared: how well they predict documents, and what their topics share."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from topicgen.comparison.readings import read
from topicgen.comparison.tables import match_rows, pair_rows, score_rows
from topicgen.errors import InputError
from topicgen.evaluation.checks import check_whole
from topicgen.randomness import RandomSource, seed_from

if TYPE_CHECKING:
    import pandas as pd

    from topicgen.topic_model import TopicModel


class Comparison(NamedTuple):
    """What several models say of the same documents, and of each other's topics."""

    scores: "pd.DataFrame"
    """A row for each model, by its name: ``n_topics``; ``n_tokens`` scored; ``perplexity`` of
    document completion, and its ``standard_error`` over documents; ``npmi``, the mean coherence of
    document co-occurrence, and its 95% interval over topics, ``npmi_low`` to ``npmi_high``;
    ``topic_diversity``; ``inverted_rbo``; ``exclusivity``. A score is NaN where a model has too few
    topics or words for it."""
    tests: "pd.DataFrame"
    """A row for every two models, ``model`` and ``other``: the mean ``similarity`` of their matched
    topics; the ``difference`` of their log-likelihoods in nats per token, above 0 where ``model``
    predicts better, with its 95% interval, ``low`` to ``high``; ``p_value``, of sign flips; and
    ``p_holm``, corrected for the number of tests. NaN where the two score different tokens."""
    matches: "pd.DataFrame"
    """A row for each topic of the first model and its match in each other one: ``model``,
    ``topic``, ``other``, ``other_topic``, their ``similarity``, ``words`` and ``other_words``."""
    stability: float
    """The mean of ``similarity`` over every two models; 1 means the same topics in each."""


def compare(
    models: "Mapping[str, TopicModel] | Sequence[TopicModel]",
    X: Any,
    *,
    top_n: int = 10,
    n_resamples: int = 9999,
    random_state: RandomSource = 0,
) -> Comparison:
    """Compare fitted models on documents: models of other seeds, priors or numbers of topics, say.

    Topics are matched by their top words (:func:`topicgen.evaluation.match_topics`). Predictions
    are tested (:func:`topicgen.evaluation.paired_test`) where two models count the same words in
    the documents; otherwise their perplexities are of different tokens, and no test can say which
    model is better.

    Args:
        models: two or more, by name, or in a list, where the positions are the names.
        X: texts, a ``Corpus``, or counts; preferably documents that no model was fitted to. Each
            model counts its own words in texts and in a corpus.
        top_n: words of each topic that matching, coherence and the like look at.
        n_resamples: sign flips per test.
        random_state: of sign flips and intervals, the same draws in each: a seed, numpy's
            ``Generator`` or ``RandomState``, or None.

    Raises:
        InputError: fewer than two models, one that is not a ``TopicModel``, documents that one of
            them cannot read, fewer than two documents with words that it knows, or an option out of
            range.
        sklearn.exceptions.NotFittedError: at a model that has not been fitted.

    Example:
        >>> from topicgen import TopicModel
        >>> docs = ["cats purr and cats sleep", "dogs bark and dogs run"] * 20
        >>> models = {f"seed {s}": TopicModel(2, random_state=s).fit(docs) for s in (0, 1)}
        >>> result = compare(models, docs, top_n=1)
        >>> result.scores["topic_diversity"].to_dict(), result.stability
        ({'seed 0': 1.0, 'seed 1': 1.0}, 1.0)
    """
    import pandas as pd

    named = _by_name(models)
    check_whole(top_n, "top_n")
    check_whole(n_resamples, "n_resamples")
    seed = seed_from(random_state)
    readings = read(named, X, top_n)
    for name, reading in readings.items():
        n_scored = int((reading.n_tokens > 0).sum())
        if n_scored < 2:
            raise InputError(
                f"expected two or more documents with words of model {name!r}, got {n_scored}; "
                "pass documents like those that it was fitted to"
            )
    scores = pd.DataFrame(score_rows(readings, seed), pd.Index(readings, name="model"))
    tests = pd.DataFrame(pair_rows(readings, n_resamples, seed))
    matches = pd.DataFrame(match_rows(readings))
    return Comparison(scores, tests, matches, float(tests["similarity"].mean()))


def _by_name(models: Any) -> dict[Any, "TopicModel"]:
    if isinstance(models, str) or not isinstance(models, Mapping | Sequence):
        raise InputError(
            f"expected models by name or in a list, got {type(models).__name__}; pass two or more "
            "fitted models"
        )
    named = dict(models) if isinstance(models, Mapping) else dict(enumerate(models))
    if len(named) < 2:
        raise InputError(f"expected two or more models, got {len(named)}; pass more")
    for name, model in named.items():
        if not hasattr(model, "document_log_likelihood"):
            raise InputError(
                f"expected a TopicModel as model {name!r}, got {type(model).__name__}; load a "
                "saved one with TopicModel.load, and score other packages' topics with "
                "topicgen.evaluation"
            )
    return named
