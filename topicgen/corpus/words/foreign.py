"""What a folder's recipe names, which is data until its user consents to run it as code."""

from collections.abc import Mapping
from typing import Any

from topicgen.errors import InputError, shown


class Foreign(str):
    """The name of a tokenizer, or a token pattern, that comes from a folder.

    It is the same text; but its code is not run, and a pattern that may take forever is not tried.
    Copies, clones and pickles of it are foreign too.

    Example:
        >>> Foreign("os:system") == "os:system", isinstance(own(Foreign("os:system")), Foreign)
        (True, False)
    """

    __slots__ = ()


def as_foreign(recipe: Mapping[str, Any]) -> dict[str, Any]:
    """Return a recipe with what may run code, or take forever, marked as foreign.

    >>> type(as_foreign({"tokenizer": "os:system"})["tokenizer"]).__name__
    'Foreign'
    """
    marked = {
        name: Foreign(recipe[name])
        for name in ("tokenizer", "token_pattern")
        if isinstance(recipe.get(name), str)
    }
    return {**recipe, **marked}


def own(value: Any) -> Any:
    """Return an option as if the user had given it, which is the consent to use it."""
    return str(value) if isinstance(value, Foreign) else value


def refused_code(name: str) -> InputError:
    """Return the error that says which code was not run."""
    return InputError(
        f"the recipe of a folder would run the code {shown(str(name))} (module:function) on the "
        "texts; if you trust whoever made the folder, allow it with --allow-code (in Python, "
        "trust_recipe=True), or count the words with a tokenizer of your own"
    )


def refused_pattern(pattern: str, problem: str) -> InputError:
    """Return the error that says which pattern was not tried."""
    return InputError(
        f"the recipe of a folder has the token_pattern {shown(str(pattern))}, {problem}; if you "
        "trust whoever made the folder, allow it with --allow-code (in Python, trust_recipe=True)"
    )
