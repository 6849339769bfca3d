"""Words that messages share."""


def quantity(number: int, noun: str) -> str:
    """Return a number with its noun.

    >>> quantity(1, "file"), quantity(2000, "file")
    ('1 file', '2,000 files')
    """
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
