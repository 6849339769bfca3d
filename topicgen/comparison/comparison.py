"""Models compared: how well they predict documents, and what their topics have in common."""

import warnings
from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from topicgen.comparison.coherence import coherences
from topicgen.comparison.readings import Reading, read
from topicgen.comparison.seen import fitted_to
from topicgen.comparison.setting_tables import setting_pair_rows, setting_rows
from topicgen.comparison.settings import distinct_fits, group_by_settings
from topicgen.comparison.tables import match_rows, pair_rows, score_rows
from topicgen.corpus.wording import quantity
from topicgen.errors import InputError
from topicgen.evaluation.checks import check_whole
from topicgen.evaluation.ratio import MOST_RESAMPLES
from topicgen.html import fragment, table
from topicgen.plain import plain, quoted
from topicgen.randomness import RandomSource, seed_from
from topicgen.rows import aligned

if TYPE_CHECKING:
    import pandas as pd

    from topicgen.topic_model import TopicModel


# How many settings or models a warning names.
_N_NAMED = 3


class Comparison(NamedTuple):
    """How several models score on the same documents, and how similar their topics are."""

    scores: "pd.DataFrame"
    """A row for each model, by its name: ``n_topics``; ``n_tokens`` scored; ``perplexity`` of
    document completion, with its ``standard_error`` and its 95% interval over documents,
    ``perplexity_low`` to ``perplexity_high``; ``npmi``, the mean coherence of document
    co-occurrence, with its 95% interval over documents, ``npmi_low`` to ``npmi_high``;
    ``topic_diversity``; ``inverted_rbo``; ``exclusivity``. A score is NaN where a model has too few
    topics or words for it."""
    tests: "pd.DataFrame"
    """A row for every two models, ``model`` and ``other``: the mean ``similarity`` of their matched
    topics; the ``difference`` of their log-likelihoods in nats per token, above 0 where ``model``
    predicts better, with its 95% interval, ``low`` to ``high``; ``p_value``, of
    :func:`~topicgen.evaluation.paired_test`; ``p_holm``, corrected for the number of tests; and
    ``npmi_difference``, with its 95% interval, ``npmi_difference_low`` to ``npmi_difference_high``.
    NaN where the two score different tokens. All of these hold for the two fitted models on other
    documents from the same source, not for other seeds."""
    matches: "pd.DataFrame"
    """A row for each topic of the first model and its match in each other one: ``model``,
    ``topic``, ``other``, ``other_topic``, their ``similarity``, ``words`` and ``other_words``."""
    stability: float
    """The mean of ``similarity`` over every two models, those of different settings included; 1
    means the same topics in each."""
    settings: "pd.DataFrame"
    """A row for each setting: the ``models`` that were fitted with it, which differ in their seeds;
    the ``perplexity`` of their mean log-likelihood and their mean ``npmi``, each with a 95%
    interval over documents and seeds (``perplexity_low`` and so on; NaN for a single fit) and its
    standard deviation over seeds (``perplexity_sd``, ``npmi_sd``); and ``stability``, the mean
    similarity of the matched topics of every two of its models (NaN for a single fit)."""
    setting_tests: "pd.DataFrame"
    """A row for every two settings, ``setting`` and ``other``: the ``difference`` of their mean
    log-likelihoods in nats per token, with ``low``, ``high``, ``p_value`` and ``p_holm``, and
    ``npmi_difference`` with its interval. They hold for other documents and other seeds, and are
    NaN unless both settings were fitted twice or more."""

    def __repr__(self) -> str:
        header, rows = _score_cells(self.scores)
        title = f"Comparison of {len(self.scores)} models, {self._stability()}"
        return f"{title}\n{aligned([header, *rows], left=[0])}"

    def _repr_html_(self) -> str:
        header, rows = _score_cells(self.scores)
        caption = f"{len(self.scores)} models on the same documents, {self._stability()}"
        parts = [table(header, rows, caption=caption, numbers=range(1, len(header)))]
        if len(self.settings) < len(self.scores):
            header, rows = _score_cells(self.settings)
            caption = "The settings, with intervals over documents and seeds"
            parts.append(table(header, rows, caption=caption, numbers=range(1, len(header))))
        return fragment(*parts)

    def _stability(self) -> str:
        over_all = " over all pairs of models" if len(self.settings) > 1 else ""
        return f"stability {self.stability:.2f}{over_all}"


def _score_cells(scores: "pd.DataFrame") -> tuple[list[str], list[list[str]]]:
    """Return the header and the rows of a table of scores, with their 95% intervals."""
    single = ["topic_diversity", "exclusivity"] if "n_topics" in scores.columns else ["stability"]
    header = [
        "model" if "n_topics" in scores.columns else "setting",
        "perplexity",
        "95% interval",
        "NPMI",
        "95% interval",
    ]
    rows = []
    for name, row in scores.iterrows():
        cells = [plain(str(name), 40)]
        perplexity_digits = 1 if row["perplexity"] < 100 else 0
        for score, digits in (("perplexity", perplexity_digits), ("npmi", 3)):
            low, high = row[f"{score}_low"], row[f"{score}_high"]
            known = low == low  # not NaN
            cells.append(f"{row[score]:,.{digits}f}")
            cells.append(f"{low:,.{digits}f} to {high:,.{digits}f}" if known else "-")
        cells += [f"{row[name]:.2f}" if row[name] == row[name] else "-" for name in single]
        rows.append(cells)
    return [*header, *(name.replace("_", " ") for name in single)], rows


def compare(
    models: "Mapping[str, TopicModel | Sequence[TopicModel]] | Sequence[TopicModel]",
    X: Any,
    *,
    embeddings: Any = None,
    top_n: int = 10,
    n_resamples: int = 9999,
    random_state: RandomSource = 0,
) -> Comparison:
    """Compare fitted models on documents: with different seeds, priors or numbers of topics, say.

    Topics are matched by their top words (:func:`topicgen.evaluation.match_topics`). Predictions
    are tested (:func:`topicgen.evaluation.paired_test`) where two models count the same words in
    the documents; otherwise their perplexities are of different tokens, and no test can say which
    model is better.

    Such a test compares two fitted models. To find out whether one *setting*, such as a number of
    topics or a prior, is better than another, fit each several times with different seeds: their
    mean scores are compared with an error that includes the spread over seeds. Of 12 models that
    differed only in their seeds, the test of two found a difference 59% of the time on 7,532
    documents, and the comparison of three with three 6% of the time
    (``scripts/study_comparison.py``). Where a setting was fitted only once, a warning says so, and
    likewise where a model was fitted to most of the documents, which it predicts better than new
    ones.

    Args:
        models: two or more, by name, or in a list, where the positions are the names. Models with
            the same parameters except ``random_state``, fitted to the same documents, are fits of
            one setting; or pass a list of fits for each setting, by the setting's name.
        X: texts, a ``Corpus``, or counts; preferably documents that no model was fitted to. Each
            model counts its own words in texts and in a corpus.
        embeddings: of the documents, as in ``TopicModel.transform``, for the models that were
            fitted with some.
        top_n: the number of top words per topic for matching, coherence and the other scores.
        n_resamples: resamples of the documents per test.
        random_state: of tests and intervals, which share the same draws: a seed, numpy's
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
        >>> held_out = ["cats purr", "cats sleep", "dogs bark", "dogs run"] * 5
        >>> result = compare(models, held_out, top_n=1)
        >>> result.scores["topic_diversity"].to_dict(), result.stability
        ({'seed 0': 1.0, 'seed 1': 1.0}, 1.0)
    """
    import pandas as pd

    named, given = _by_name(models)
    check_whole(top_n, "top_n")
    check_whole(n_resamples, "n_resamples", most=MOST_RESAMPLES)
    seed = seed_from(random_state)
    readings = read(named, X, top_n, embeddings)
    for name, reading in readings.items():
        n_scored = int((reading.n_tokens > 0).sum())
        if n_scored < 2:
            raise InputError(
                f"expected two or more documents with words of model {quoted(name)}, got "
                f"{n_scored}; pass documents like those that it was fitted to"
            )
    settings = {
        setting: distinct_fits(names, named)
        for setting, names in (given or group_by_settings(named)).items()
    }
    _warn_of_single_fits(settings)
    _warn_of_seen_documents(readings)
    npmi = coherences(readings, seed)
    scores = score_rows(readings, npmi, n_resamples, seed)
    tests = pd.DataFrame(pair_rows(readings, npmi, n_resamples, seed))
    return Comparison(
        pd.DataFrame(scores, pd.Index(readings, name="model")),
        tests,
        pd.DataFrame(match_rows(readings)),
        float(tests["similarity"].mean()),
        pd.DataFrame(setting_rows(settings, readings, npmi), pd.Index(settings, name="setting")),
        pd.DataFrame(setting_pair_rows(settings, readings, npmi)),
    )


def _warn_of_single_fits(settings: Mapping[str, Sequence[Hashable]]) -> None:
    single = [setting for setting, names in settings.items() if len(names) < 2]
    if not single or len(settings) < 2:
        return
    have = "have only one model each" if len(single) > 1 else "has only one model"
    warnings.warn(
        f"{_named(single, 'setting')} {have}, so the tests compare fitted models, not settings. "
        "Fit each setting with several seeds, and pass all models",
        UserWarning,
        stacklevel=3,
    )


def _warn_of_seen_documents(readings: Mapping[Hashable, Reading]) -> None:
    seen = fitted_to(readings)
    if not seen:
        return
    were = "were" if len(seen) > 1 else "was"
    warnings.warn(
        f"{_named(seen, 'model')} {were} fitted to most of these documents, and models predict "
        "such documents better than new ones. Hold documents out before fitting, and compare the "
        "models on those",
        UserWarning,
        stacklevel=3,
    )


def _named(names: Sequence[Hashable], noun: str) -> str:
    """Return the first names of a list and how many others there are.

    >>> _named(["a"], "model"), _named(["a", "b"], "model"), _named("abcde", "model")
    ("'a'", "'a' and 'b'", "'a', 'b', 'c' and 2 more models")
    """
    shown = list(map(quoted, names[:_N_NAMED]))
    if len(names) > _N_NAMED:
        shown.append(quantity(len(names) - _N_NAMED, f"more {noun}"))
    *first, last = shown
    return f"{', '.join(first)} and {last}" if first else last


def _flat(
    models: Mapping[Any, Any],
) -> tuple[dict[Any, Any], dict[str, list[Hashable]]]:
    """Return the models by name, and the names in each setting where lists of fits are given."""
    lists = {
        name: list(fits) if isinstance(fits, Sequence) and not isinstance(fits, str) else None
        for name, fits in models.items()
    }
    if not any(fits is not None for fits in lists.values()):
        return dict(models), {}
    named: dict[Any, Any] = {}
    settings: dict[str, list[Hashable]] = {}
    for name, fits in lists.items():
        if fits == []:
            raise InputError(
                f"setting {quoted(name)} has no model; pass one or more, or leave it out"
            )
        own = (
            {name: models[name]}
            if fits is None
            else {f"{name} {i}": fit for i, fit in enumerate(fits)}
        )
        settings[str(name)] = list(own)
        named |= own
    return named, settings


def _by_name(models: Any) -> tuple[dict[Any, "TopicModel"], dict[str, list[Hashable]]]:
    if isinstance(models, str) or not isinstance(models, Mapping | Sequence):
        raise InputError(
            f"expected models by name or in a list, got {type(models).__name__}; pass two or more "
            "fitted models"
        )
    named, settings = _flat(models if isinstance(models, Mapping) else dict(enumerate(models)))
    if len(named) < 2:
        raise InputError(f"expected two or more models, got {len(named)}; pass more")
    for name, model in named.items():
        if not hasattr(model, "document_log_likelihood"):
            raise InputError(
                f"expected a TopicModel as model {quoted(name)}, got {type(model).__name__}; load "
                "a saved one with TopicModel.load, and score other packages' topics with "
                "topicgen.evaluation"
            )
    return named, settings
