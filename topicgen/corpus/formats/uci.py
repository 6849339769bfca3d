"""UCI's bag of words: docword.NAME.txt and vocab.NAME.txt.

Three lines say the numbers of documents, words and entries; then lines of ``document word count``,
ids from 1. Ids and labels have no place in the format and go to docword.NAME.txt.ids and
docword.NAME.txt.labels.
"""

from pathlib import Path

from topicgen.corpus.corpus import Corpus
from topicgen.corpus.formats import sidecar, vocabularies
from topicgen.corpus.formats.format import Format
from topicgen.corpus.formats.text.headers import Header
from topicgen.corpus.formats.text.lines import open_text
from topicgen.corpus.formats.text.triplets import Layout, read_triplets, write_triplets
from topicgen.corpus.formats.whole_counts import counts_to_write
from topicgen.corpus.reading import streams

_PREFIX = "docword."


def read(path: Path) -> Corpus:
    """Read docword.NAME.txt, with the vocabulary in vocab.NAME.txt.

    Raises:
        InputError: where a line is malformed, the header disagrees with the entries or with the
            vocabulary, or a file is missing.
    """
    vocabulary = vocabularies.read_vocabulary(
        vocabularies.find_vocabulary(path, _vocabulary_of(path))
    )

    def read_header(header: Header) -> Layout:
        n_documents, n_words, n_entries = (
            header.numbers(header.next_line(), expected)[0]
            for expected in ("documents", "words", "entries")
        )
        vocabulary.check_width((n_documents, n_words), path)
        return Layout((n_documents, n_words), n_entries)

    counts = read_triplets(path, read_header)
    return sidecar.as_corpus(counts, vocabulary.words, path)


def write(corpus: Corpus, path: Path) -> None:
    """Write docword.NAME.txt and vocab.NAME.txt, or FILE.vocab for a file of another name.

    Raises:
        InputError: where a count is not whole, or a word, an id or a label has a line end.
    """
    counts = counts_to_write(corpus)
    with open_text(path) as stream:
        stream.write(f"{counts.shape[0]}\n{counts.shape[1]}\n{counts.nnz}\n")
        write_triplets(stream, counts)
    vocabularies.write_vocabulary(corpus, path.with_name(_vocabulary_of(path)))
    sidecar.write_ids(corpus, path)
    sidecar.write_labels(corpus, path)


def recognise(path: Path) -> bool:
    """Recognise UCI's bag of words by its name."""
    return path.name.startswith(_PREFIX) and streams.format_suffix(path) == ".txt"


def _vocabulary_of(path: Path) -> str:
    own = sidecar.own_name(path)
    if own.startswith(_PREFIX):
        return "vocab." + own.removeprefix(_PREFIX)
    return own + sidecar.VOCABULARY


FORMAT = Format(
    name="uci",
    description="UCI's bag of words: docword.NAME.txt and vocab.NAME.txt",
    read=read,
    write=write,
    recognise=recognise,
    sidecars=lambda path: [path.with_name(_vocabulary_of(path)), *sidecar.all_paths(path)],
)
