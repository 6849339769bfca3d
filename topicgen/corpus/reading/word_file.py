"""Files of words."""


def parse_word_file(text: str) -> list[str]:
    r"""Return the words of a file: one on each line, or in the format of Snowball's lists.

    In Snowball's format ``|`` begins a comment, and the words of a line are separated by blanks.
    Commas separate words too.

    >>> parse_word_file("royal mail\n\nbank\n"), parse_word_file("io | I\nlo la  | him, her\n | x")
    (['royal mail', 'bank'], ['io', 'lo', 'la'])
    """
    lines = text.splitlines()
    if any("|" in line for line in lines):
        return [word for line in lines for word in line.split("|")[0].split()]
    return [word for line in lines for listed in line.split(",") if (word := listed.strip())]
