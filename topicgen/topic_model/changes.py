"""The changes passed to ``refit``: those of the model, and those of its vectorizer."""

import warnings
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from topicgen.corpus import Vectorizer
from topicgen.corpus.words.stop_words import language_names, language_words
from topicgen.errors import InputError, did_you_mean, shown
from topicgen.plain import quoted
from topicgen.topic_model.fitted import Fitted


def split_changes(
    changes: Mapping[str, Any], of_model: Sequence[str]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the changes of parameters of a model, and those of options of its vectorizer.

    Args:
        changes: new values by name.
        of_model: the names of the model's parameters.

    Raises:
        InputError: where a name is neither.

    Example:
        >>> split_changes({"n_components": 9, "min_df": 2}, ["n_components"])
        ({'n_components': 9}, {'min_df': 2})
    """
    of_vectorizer = Vectorizer._get_param_names()
    for name in changes:
        if name not in of_model and name not in of_vectorizer:
            known = [*of_model, *of_vectorizer]
            remedy = did_you_mean(name.rpartition("__")[2], known, "see their docstrings")
            raise InputError(
                f"refit cannot change {quoted(name)}, which is a parameter of neither TopicModel "
                f"nor Vectorizer; {remedy}"
            )
    model = {name: value for name, value in changes.items() if name in of_model}
    return model, {name: value for name, value in changes.items() if name not in model}


def edited_parameters(fitted: Fitted) -> dict[str, Any]:
    """Return the parameters for a new fit with as many topics as there are after edits."""
    if all(edit.numbers is None for edit in fitted.edits):
        return {}
    seeds = None if fitted.seeds is None else dict(fitted.seeds.words)
    return {"n_components": fitted.n_topics, "seeds": seeds}


def changed(vectorizer: Vectorizer, options: Mapping[str, Any]) -> Vectorizer:
    """Return a new, unfitted vectorizer with some options changed.

    Warns if ``stop_words`` replaces the stop words of a language.

    Example:
        >>> changed(Vectorizer(min_df=3), {"extra_stop_words": ["said"]}).min_df
        3
    """
    before = vectorizer.get_params(deep=False)
    own = options.get("stop_words")
    languages = language_names(before["stop_words"])
    if languages and isinstance(own, Collection) and not language_names(own):
        known = language_words(languages)
        if len(set(known).intersection(own)) < len(known) / 2:
            warnings.warn(
                f"stop_words={shown(own)} replaces the stop words of {' and '.join(languages)}; "
                "to leave out these words as well, pass them as extra_stop_words",
                UserWarning,
                stacklevel=3,
            )
    return type(vectorizer)(**before | dict(options))
