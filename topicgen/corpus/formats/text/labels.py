"""Labels as other tools want them in their lines: numbers, or single words."""

import re
from collections.abc import Sequence

_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")


def are_numbers(labels: Sequence[str]) -> bool:
    """Return whether all labels are numbers, and so can stand as they are.

    >>> are_numbers(["1", "-1"]), are_numbers(["sport", ""])
    (True, False)
    """
    return all(map(_NUMBER.fullmatch, labels))


def as_numbers(labels: Sequence[str]) -> list[str]:
    """Return a number for each label, from 1 in alphabetical order, and 0 for none.

    >>> as_numbers(["sport", "art", "", "sport"])
    ['2', '1', '0', '2']
    """
    numbers = {label: str(number) for number, label in enumerate(sorted(set(labels) - {""}), 1)}
    return [numbers.get(label, "0") for label in labels]


def are_words(values: Sequence[str]) -> bool:
    """Return whether all values are single words, without a blank in them.

    >>> are_words(["a/1.txt", "b"]), are_words(["a 1"]), are_words([""])
    (True, False, False)
    """
    return all(value.split() == [value] for value in values)
