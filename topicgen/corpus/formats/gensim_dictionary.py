"""gensim's dictionaries as text: lines of ``id TAB word TAB document frequency``."""

from pathlib import Path

from scipy.sparse import csr_matrix

from topicgen.corpus.corpus import Corpus
from topicgen.corpus.formats.text.lines import check_one_line, iterate_lines, open_text
from topicgen.corpus.formats.text.numerals import parse_index
from topicgen.corpus.reading import streams
from topicgen.errors import InputError
from topicgen.plain import quoted


def read_dictionary(path: Path) -> list[str]:
    """Return the word of each column.

    Raises:
        InputError: where the file is malformed, or a word or an id comes twice or is missing.
    """
    name = streams.display_name(path)
    words: dict[int, str] = {}
    lines: dict[str, int] = {}
    for number, line in enumerate(iterate_lines(path), start=1):
        # The first line is the number of documents; gensim's oldest files have none.
        if number == 1 and "\t" not in line:
            continue
        where = f"{name}, line {number}"
        fields = line.split("\t")
        if len(fields) != 3:
            raise InputError(
                f"expected id, word and document frequency separated by tabs, got {len(fields)} "
                f"fields in {where}; save it with Dictionary.save_as_text"
            )
        column = parse_index(fields[0], 0, 2**31 - 1, "ids of words", where)
        if column in words:
            raise InputError(
                f"expected one word for each id, got {quoted(words[column])} and "
                f"{quoted(fields[1])} for {column} in {where}; remove one"
            )
        if lines.setdefault(fields[1], number) != number:
            raise InputError(
                f"expected distinct words, got {quoted(fields[1])} in {name}, lines "
                f"{lines[fields[1]]} and {number}; add up their counts, or rename one"
            )
        words[column] = fields[1]
    if not words:
        raise InputError(
            f"expected one word per line, got none in {name}; save the dictionary again"
        )
    return _in_order(words, name)


def write_dictionary(corpus: Corpus, counts: csr_matrix, path: Path) -> None:
    """Write the words of a corpus, each with the number of documents that it is in.

    Raises:
        InputError: where a word has a tab or a line end.
    """
    check_one_line(corpus.vocabulary, "words")
    frequencies = counts.getnnz(axis=0).tolist()
    with open_text(path) as stream:
        stream.write(f"{counts.shape[0]}\n")
        # In gensim's order, that of the words.
        for word, column in sorted((word, column) for column, word in enumerate(corpus.vocabulary)):
            if "\t" in word:
                raise InputError(
                    f"expected words without tabs, got {quoted(word)} at column {column}; replace "
                    "them with spaces"
                )
            stream.write(f"{column}\t{word}\t{frequencies[column]}\n")


def _in_order(words: dict[int, str], name: str) -> list[str]:
    """Return the words by their ids.

    >>> _in_order({1: "rate", 0: "bank"}, "'news.dict.txt'")
    ['bank', 'rate']

    Raises:
        InputError: where an id has no word.
    """
    for column in range(len(words)):
        if column not in words:
            raise InputError(
                f"expected a word for each id from 0 to {max(words)}, got none for {column} in "
                f"{name}; call compactify(), and count the documents again"
            )
    return [words[column] for column in range(len(words))]
