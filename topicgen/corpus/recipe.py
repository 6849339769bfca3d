"""The recipe of a vectorizer: its options, and what it learned besides the vocabulary, as JSON."""

import inspect
from collections.abc import Callable, Collection, Mapping
from typing import Any

import numpy as np

from topicgen.corpus.words.foreign import as_foreign
from topicgen.corpus.words.stop_words import word_list
from topicgen.corpus.words.tokenizers import tokenizer_name
from topicgen.errors import InputError, check_kind, shown

# No phrase of a language is longer; a text of n words has n times as many terms.
_LONGEST_NGRAM = 100


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


def _is_text_or_none(value: Any) -> bool:
    return value is None or isinstance(value, str)


def _are_words_or_none(value: Any) -> bool:
    return value is None or (isinstance(value, list) and all(isinstance(w, str) for w in value))


def _are_phrases(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(pair, list | tuple) and list(map(type, pair)) == [str, str] for pair in value
    )


def _is_range(value: Any) -> bool:
    return (
        isinstance(value, list | tuple)
        and list(map(type, value)) == [int, int]
        and 1 <= value[0] <= value[1] <= _LONGEST_NGRAM
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


# What a recipe may hold: data of these kinds. What they mean is checked where they are used.
_KINDS: dict[str, tuple[Callable[[Any], bool], str]] = {
    **dict.fromkeys(
        ("token_pattern", "tokenizer", "strip_accents", "stemmer", "lemmatizer"),
        (_is_text_or_none, "a text or null"),
    ),
    **dict.fromkeys(
        ("extra_stop_words", "keep_words", "language_words_"),
        (_are_words_or_none, "a list of texts or null"),
    ),
    "stop_words": (
        lambda value: _is_text_or_none(value) or _are_words_or_none(value),
        "a text, a list of texts or null",
    ),
    "phrases_": (_are_phrases, "a list of pairs of texts"),
    "ngram_range": (_is_range, f"two numbers from 1 to {_LONGEST_NGRAM}, the least first"),
    **dict.fromkeys(
        ("lowercase", "drop_headers", "drop_quotes", "drop_footers"),
        (lambda value: isinstance(value, bool), "true or false"),
    ),
    **dict.fromkeys(("numbers", "urls"), (lambda value: isinstance(value, str), "a text")),
    **dict.fromkeys(
        ("min_df", "max_df", "min_df_", "max_df_", "max_features"),
        (lambda value: _is_text_or_none(value) or _is_number(value), "a number, a text or null"),
    ),
    "phrases": (lambda value: isinstance(value, bool | int), "true, false or a number"),
}


def check_recipe(config: Mapping[str, Any]) -> None:
    """Check that a recipe is data: texts, numbers and words, each where it may be.

    Raises:
        InputError: where an option is of another kind.

    Example:
        >>> check_recipe({"stop_words": [["the"]]})
        Traceback (most recent call last):
        topicgen.errors.InputError: expected the recipe's stop_words to be a text, a list ...
    """
    check_kind("a recipe", config, Mapping, "a mapping, as to_config returns")
    for name, value in config.items():
        is_valid, expected = _KINDS.get(name, (lambda value: True, ""))
        if not is_valid(value):
            raise InputError(
                f"expected the recipe's {name} to be {expected}, got {shown(value)}; count the "
                "words again"
            )


def read_recipe(
    config: Mapping[str, Any], known: Collection[str], *, trust_recipe: bool = False
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the parameters of a vectorizer that a recipe describes, and what it learned.

    Args:
        config: what ``write_recipe`` returned. Options of later versions may be missing.
        known: the parameters that there are.
        trust_recipe: whether the code that it names may run, and its pattern be used whatever it
            is; otherwise both are ``Foreign``.

    Raises:
        InputError: where the recipe has another, or one of another kind.

    Example:
        >>> parameters, learned = read_recipe({"lowercase": False, "min_df_": 5}, ["lowercase"])
        >>> parameters
        {'lowercase': False}
        >>> learned
        {'min_df_': 5, 'max_df_': None, 'language_words_': None, 'phrases_': []}
    """
    check_recipe(config)
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
    if not trust_recipe:
        recipe = as_foreign(recipe)
    if "ngram_range" in recipe:
        recipe["ngram_range"] = tuple(recipe["ngram_range"])
    return recipe, learned
