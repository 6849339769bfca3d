"""Words that messages share."""


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
