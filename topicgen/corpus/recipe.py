"""The recipe of a vectorizer: its options, and what it learned besides the vocabulary, as JSON."""

import inspect
from collections.abc import Collection, Mapping
from typing import Any

import numpy as np

from topicgen.corpus.words.stop_words import word_list
from topicgen.corpus.words.tokenizers import tokenizer_name
from topicgen.errors import InputError


def write_recipe(vectorizer: Any) -> dict[str, Any]:
    """Return the recipe of a vectorizer, ready for JSON; what it has not learnt is null.

    Args:
        vectorizer: a ``WordCounter``, such as a ``Vectorizer``.

    Raises:
        InputError: where its tokenizer is a function that has no name to be imported by.
    """
    options = inspect.signature(type(vectorizer)).parameters
    recipe = {name: getattr(vectorizer, name) for name in sorted(options)}
    recipe["ngram_range"] = list(recipe["ngram_range"])
    recipe["tokenizer"] = tokenizer_name(recipe["tokenizer"])
    for name in ("stop_words", "extra_stop_words", "keep_words"):
        if not isinstance(recipe[name], (str, type(None))):
            recipe[name] = word_list(name, recipe[name])
    for name in ("min_df_", "max_df_", "language_words_"):
        recipe[name] = getattr(vectorizer, name, None)
    recipe["phrases_"] = [list(phrase) for phrase in getattr(vectorizer, "phrases_", [])]
    return {name: _plain(value) for name, value in recipe.items()}


def _plain(value: Any) -> Any:
    # As it is written: a float32 of 0.07 would otherwise become 0.07000000029802322.
    if isinstance(value, np.floating):
        return float(str(value))
    return value.item() if isinstance(value, np.generic) else value


def read_recipe(
    config: Mapping[str, Any], known: Collection[str]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the parameters of a vectorizer that a recipe describes, and what it learned.

    Args:
        config: what ``write_recipe`` returned. Options of later versions may be missing.
        known: the parameters that there are.

    Raises:
        InputError: where the recipe has another.

    Example:
        >>> parameters, learned = read_recipe({"lowercase": False, "min_df_": 5}, ["lowercase"])
        >>> parameters
        {'lowercase': False}
        >>> learned
        {'min_df_': 5, 'max_df_': None, 'language_words_': None, 'phrases_': []}
    """
    recipe = dict(config)
    learned = {
        "min_df_": recipe.pop("min_df_", None),
        "max_df_": recipe.pop("max_df_", None),
        # Earlier versions looked the words up again, and cut them in another way.
        "language_words_": recipe.pop("language_words_", None),
        "phrases_": [(first, second) for first, second in recipe.pop("phrases_", [])],
    }
    if unknown := sorted(recipe.keys() - set(known)):
        raise InputError(
            "this version's Vectorizer does not know all options of the recipe "
            f"({', '.join(unknown)}); load it with the version of topicgen that wrote it"
        )
    if "ngram_range" in recipe:
        recipe["ngram_range"] = tuple(recipe["ngram_range"])
    return recipe, learned
