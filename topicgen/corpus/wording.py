"""Wording that several messages share."""

from collections.abc import Mapping


def quantity(number: int, noun: str) -> str:
    """Return a number with its noun.

    >>> quantity(1, "file"), quantity(2000, "file")
    ('1 file', '2,000 files')
    """
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def sizes(documents: int, words: int, tokens: int) -> str:
    """Return the sizes of a corpus in words.

    >>> sizes(2, 1, 1000)
    '2 documents, 1 word, 1,000 tokens'
    """
    return ", ".join(
        quantity(number, noun)
        for number, noun in ((documents, "document"), (words, "word"), (tokens, "token"))
    )


def repetitions(n_documents: int, found: Mapping[str, int] | None) -> str | None:
    """Return how many documents repeat an earlier one, in words, or None.

    Args:
        n_documents: how many there are now.
        found: what was found when the corpus was built.

    >>> repetitions(3, {"duplicates": 1, "duplicates_dropped": 0})
    '1 of 3 documents repeats an earlier one'
    >>> repetitions(18_796, {"duplicates": 1_204, "duplicates_dropped": 1_204})
    '1,204 of 20,000 documents repeated an earlier one and were left out'
    """
    n_repeated, n_dropped = ((found or {}).get(f"duplicates{end}", 0) for end in ("", "_dropped"))
    if not n_repeated:
        return None
    of_all = f"{n_repeated:,} of {quantity(n_documents + n_dropped, 'document')}"
    if n_dropped:
        return f"{of_all} repeated an earlier one and {_were(n_dropped)} left out"
    return f"{of_all} {'repeats' if n_repeated == 1 else 'repeat'} an earlier one"


def _were(number: int) -> str:
    return "was" if number == 1 else "were"
