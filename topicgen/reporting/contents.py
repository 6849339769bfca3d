"""What a report says, as plain data: numbers and texts, ready for JSON."""

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from topicgen.plain import plain
from topicgen.reporting.checks import Check, checks, coherence_of_topics
from topicgen.reporting.choice import choose_documents
from topicgen.reporting.covariate_curves import covariate_curves, effect_ratios
from topicgen.reporting.document_entries import document_entries
from topicgen.reporting.excerpts import WORD_WIDTH, shown_texts
from topicgen.reporting.one_pass import Timing, draw_documents
from topicgen.reporting.over_time import find_dates
from topicgen.reporting.plain_numbers import significant
from topicgen.reporting.source import Source
from topicgen.reporting.topic_entries import SHORT, passage_entries, topic_entries, word_entries
from topicgen.reporting.topic_words import relevant_words
from topicgen.topic_model.fitted import Fitted
from topicgen.topic_model.inference import infer_proportions
from topicgen.topic_model.inspection import topic_tree
from topicgen.topic_model.word_measures import ranking

if TYPE_CHECKING:
    from topicgen.topic_model import TopicModel


class Contents(NamedTuple):
    """What a report says.

    Args:
        data: what the page draws, ready for JSON.
        checks: how well the model does.
    """

    data: dict[str, Any]
    checks: list[Check]


def gather(
    model: "TopicModel",
    source: Source,
    *,
    most_documents: int,
    over_time: str | None,
    seed: int,
    progress: bool = False,
) -> Contents:
    """Return what a report says about a model and some documents.

    Args:
        model: the model.
        source: the documents.
        most_documents: the number of documents that are shown at most.
        over_time: the metadata column of dates; None for the only one, if there is one.
        seed: of the sample and of the posterior draws.
        progress: whether to show a progress bar on standard error.

    Raises:
        InputError: where the column holds no dates.
    """
    fitted = model.fitted_
    n_documents = source.counts.shape[0]
    everything = np.arange(n_documents)
    n_tokens = np.asarray(source.counts.sum(1), dtype=np.float64).ravel()
    proportions = infer_proportions(
        model.model_,
        source.counts,
        int(model.refinement),
        known=source.known(model, everything),
    ).astype(np.float32)
    here = n_tokens @ proportions
    here = here / here.sum() if here.sum() else np.zeros(fitted.n_topics)
    typicality = proportions * (n_tokens / (n_tokens + SHORT))[:, None].astype(np.float32)
    choice = choose_documents(typicality, most_documents, np.random.default_rng(seed))

    column = find_dates(source.shown) if over_time is None else over_time
    timing = None if column is None else Timing.of(source, choice, column)
    shown, time = draw_documents(model, source, choice, n_tokens, timing, seed, progress=progress)

    words = relevant_words(fitted.components, fitted.evidence.topic_share, order=ranking(fitted))
    texts = shown_texts(source, choice, fitted)
    is_fit = _is_fit(model, source)
    coherence = coherence_of_topics(model, source)
    passages = passage_entries(fitted, source, choice, shown, proportions, texts)
    data = {
        "level": 90,
        "documents": {
            "total": n_documents,
            "tokens": int(n_tokens.sum()),
            "empty": int((n_tokens == 0).sum()),
            "texts": source.texts is not None,
            "isFit": is_fit,
            **document_entries(fitted, source, choice, shown, n_tokens, texts),
        },
        "words": word_entries(fitted, source, words),
        "topics": topic_entries(fitted, words, here, coherence, passages),
        "time": time,
        "curves": covariate_curves(model, fitted.n_topics),
        "effects": effect_ratios(model),
        "formula": _formula(fitted),
        "tree": _tree(fitted),
        "training": _training(fitted),
    }
    return Contents(data, checks(model, source, coherence, is_fit))


def _is_fit(model: "TopicModel", source: Source) -> bool:
    """Return whether these seem to be the documents that the model was fitted to."""
    origin = model.fitted_.origin
    same_size = source.counts.shape[0] == origin.n_documents
    return same_size and float(source.counts.sum()) == origin.n_tokens


def _formula(fitted: Fitted) -> str | None:
    prevalence = fitted.prevalence
    if prevalence is None or prevalence.design.formula is None:
        return None
    return plain(str(prevalence.design.formula), 300)


def _tree(fitted: Fitted) -> list[list[dict[str, Any]]]:
    """Return the nodes of each layer, from the topics up; nothing where there are no others."""
    if not fitted.structure.n_layers:
        return []
    table = topic_tree(fitted, 8)
    layers = []
    for _, rows in table.groupby("layer", sort=True):
        parents = rows["parent"].astype(object).where(rows["parent"].notna(), None)
        layers.append(
            [
                {
                    "parent": None if parent is None else int(parent),
                    "weight": significant(row.weight),
                    "share": round(float(row.share), 5),
                    "words": [plain(word, WORD_WIDTH) for word in row.words],
                }
                for parent, row in zip(parents, rows.itertuples(), strict=True)
            ]
        )
    return layers


def _training(fitted: Fitted) -> dict[str, Any] | None:
    """Return the perplexity after each pass, where there are several passes."""
    values = [epoch.get("perplexity", np.nan) for epoch in fitted.history]
    if len(values) < 2 or not np.isfinite(values).all():
        return None
    return {
        "perplexity": [significant(value, 5) for value in values],
        "heldOut": len(fitted.validation_indices),
    }
