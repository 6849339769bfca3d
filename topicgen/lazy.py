"""What is made on first use: names of a package, and fields of an object."""

import sys
from collections.abc import Callable, Mapping
from functools import partial
from importlib import import_module
from typing import Any, Generic, TypeVar, overload

Value = TypeVar("Value")


def lazy_names(
    package: str, homes: Mapping[str, str]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Return the ``__getattr__`` and the ``__dir__`` of a package (PEP 562).

    Args:
        package: the name of the package.
        homes: the module that each name is imported from.

    Example:
        >>> get, _ = lazy_names("topicgen", {"Corpus": "topicgen.corpus"})
        >>> get("Corpus").__name__
        'Corpus'
    """

    def get(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(homes[name]), name)

    def names() -> list[str]:
        return sorted({*vars(sys.modules[package]), *homes})

    return get, names


class OnFirstUse(Generic[Value]):
    """A field of a dataclass that may be given as a ``partial``, which is called on first use.

    Args:
        required: whether the field has to be given; otherwise its default is None.

    Example:
        >>> from dataclasses import dataclass
        >>> @dataclass
        ... class Page:
        ...     words: OnFirstUse[list[str]] = OnFirstUse(required=True)
        >>> page = Page(partial("two words".split, " "))
        >>> page.words
        ['two', 'words']
    """

    def __init__(self, *, required: bool = False) -> None:
        self._required = required

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, owner: None, kind: type) -> None: ...
    @overload
    def __get__(self, owner: Any, kind: type) -> Value: ...
    def __get__(self, owner: Any, kind: type) -> Value | None:
        if owner is None:
            if self._required:
                raise AttributeError(self._name)  # a dataclass takes it for a field without default
            return None
        value = owner.__dict__[self._name]
        if isinstance(value, partial):
            value = owner.__dict__[self._name] = value()
        return value

    def __set__(self, owner: Any, value: "Value | partial[Value]") -> None:
        owner.__dict__[self._name] = value
