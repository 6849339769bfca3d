"""The vocabulary of a corpus: a sidecar file of the counts, with one word per line."""

from pathlib import Path
from typing import NamedTuple

from topicgen.corpus.corpus import Corpus
from topicgen.corpus.formats.sidecar import VOCABULARY, own_name, stem
from topicgen.corpus.formats.text.lines import check_one_line, read_lines, write_lines
from topicgen.corpus.reading import streams
from topicgen.errors import InputError
from topicgen.plain import quoted


class Vocabulary(NamedTuple):
    """The words of a corpus, and the file that holds them."""

    words: list[str]
    file: Path

    def check_width(self, shape: tuple[int, int], path: Path) -> None:
        """Make sure that there are as many words as counts of this shape have columns.

        Raises:
            InputError: where there are not.
        """
        n_rows, n_words = shape
        if len(self.words) != n_words:
            advice = "use the vocabulary that the counts were made with"
            if len(self.words) == n_rows:
                advice = "as many as there are rows: transpose the counts to documents by words"
            raise InputError(
                f"expected a vocabulary of {n_words} words, one for each column of "
                f"{streams.display_name(path)}, got {len(self.words)} in "
                f"{streams.display_name(self.file)}; {advice}"
            )


def find_vocabulary(path: Path, *names: str) -> Path:
    """Return the file that holds the words of a corpus's columns.

    Args:
        path: the file of the counts, say NAME.mtx: the vocabulary is NAME.mtx.vocab, NAME.vocab,
            or has one of the other names.
        names: other names to look for.

    Raises:
        InputError: where there is no such file.
    """
    # If the counts themselves are not there, that is what to say.
    with streams.open_file(path):
        pass
    candidates = list(
        dict.fromkeys([own_name(path) + VOCABULARY, stem(path) + VOCABULARY, *names, "vocab.txt"])
    )
    for name in candidates:
        if path.with_name(name).is_file():
            return path.with_name(name)
    raise InputError(
        f"expected the vocabulary next to {streams.display_name(path)}, got none of "
        f"{', '.join(candidates)}; write its words there, one per line, in the order of the columns"
    )


def read_vocabulary(file: Path, *, totals: bool = False) -> Vocabulary:
    """Return the vocabulary that a file holds, one word per line.

    Args:
        file: the file.
        totals: whether each line may end in a number, how often the word occurs; it is left out.

    Raises:
        InputError: where the file cannot be read, is empty or has a blank line, and where a word
            comes twice.
    """
    name = streams.display_name(file)
    words = read_lines(file)
    while words and not words[-1]:
        words.pop()
    if not words:
        raise InputError(f"expected one word per line, got no word in {name}; write the vocabulary")
    if totals and all(_has_total(word) for word in words):
        words = [word.split()[0] for word in words]
    lines: dict[str, int] = {}
    for line, word in enumerate(words, start=1):
        if not word:
            raise InputError(
                f"expected one word per line, got a blank line in {name}, line {line}; write the "
                "word of that column"
            )
        if lines.setdefault(word, line) != line:
            raise InputError(
                f"expected distinct words, got {quoted(word)} in {name}, lines {lines[word]} and "
                f"{line}; add up their counts, or rename one"
            )
    return Vocabulary(words, file)


def write_vocabulary(corpus: Corpus, file: Path) -> None:
    """Write the words of a corpus, one per line.

    Raises:
        InputError: where a word does not fit on a line.
    """
    check_one_line(corpus.vocabulary, "words")
    if "" in corpus.vocabulary:
        raise InputError(
            f"expected words of at least one character, got '' at column "
            f"{list(corpus.vocabulary).index('')}; rename it"
        )
    write_lines(file, corpus.vocabulary)


def _has_total(line: str) -> bool:
    fields = line.split()
    return len(fields) == 2 and fields[1].isdecimal()
