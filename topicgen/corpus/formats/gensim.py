"""gensim: a Dictionary saved as text, NAME.dict.txt, and an MmCorpus, NAME.mm.

Both are in a folder, or share a prefix. Ids and labels have no place in the format and go to
NAME.mm.ids and NAME.mm.labels. The dictionary's document frequencies are written, not read.
"""

from pathlib import Path

from topicgen.corpus.corpus import Corpus
from topicgen.corpus.formats import mtx, sidecar
from topicgen.corpus.formats.format import Format
from topicgen.corpus.formats.gensim_dictionary import read_dictionary, write_dictionary
from topicgen.corpus.formats.whole_counts import counts_to_write
from topicgen.corpus.reading import streams
from topicgen.errors import InputError

COUNTS, DICTIONARY = ".mm", ".dict.txt"
# The name of both files in a folder that is written here.
_NAME = "corpus"


def read(path: Path) -> Corpus:
    """Read a Dictionary and an MmCorpus.

    Args:
        path: one of the two files, what their names begin with, or a folder that holds them alone.

    Raises:
        InputError: where a file is missing or malformed, or the counts have a column without word.
    """
    mm, dictionary = _find(path)
    words = read_dictionary(dictionary)
    counts = mtx.read_matrix(mm)
    n_documents, n_words = counts.shape
    if n_words > len(words):
        raise InputError(
            f"expected a vocabulary of {n_words} words, one for each column of "
            f"{streams.display_name(mm)}, got {len(words)} in {streams.display_name(dictionary)}; "
            "use the dictionary that the counts were made with"
        )
    # gensim takes the last word that occurs for the last word.
    counts.resize(n_documents, len(words))
    return sidecar.as_corpus(counts, words, mm)


def write(corpus: Corpus, path: Path) -> None:
    """Write NAME.mm and NAME.dict.txt; to a path of another suffix, as a folder with both.

    Raises:
        InputError: where a count is not whole, a word has a tab or a line end, or an id or a label
            has a line end.
    """
    if not _is_named(path):
        path = path / _NAME
    mm, dictionary = _files(path)
    counts = counts_to_write(corpus)
    # gensim reads no other field.
    mtx.write_matrix(counts, mm, field="real")
    write_dictionary(corpus, counts, dictionary)
    sidecar.write_ids(corpus, mm)
    sidecar.write_labels(corpus, mm)


def recognise(path: Path) -> bool:
    """Recognise gensim's files by their suffixes, a prefix and a folder by what is there."""
    if path.is_dir():
        return all(any(path.glob(f"*{suffix}")) for suffix in (COUNTS, DICTIONARY))
    return _is_named(path) or all(file.is_file() for file in _files(path))


def _is_named(path: Path) -> bool:
    return sidecar.own_name(path).endswith((COUNTS, DICTIONARY))


def _files(path: Path) -> tuple[Path, Path]:
    """Return the counts' path and the dictionary's, of which one or the prefix of both is given."""
    name = sidecar.own_name(path)
    prefix = name.removesuffix(COUNTS).removesuffix(DICTIONARY) if _is_named(path) else path.name
    counts, dictionary = (
        path if name.endswith(suffix) else path.parent / f"{prefix}{suffix}"
        for suffix in (COUNTS, DICTIONARY)
    )
    return counts, dictionary


def _find(path: Path) -> tuple[Path, Path]:
    """Return the counts' path and the dictionary's, sure that both are there."""
    if path.is_dir():
        found = [sorted(path.glob(f"*{suffix}")) for suffix in (COUNTS, DICTIONARY)]
        if [len(files) for files in found] != [1, 1]:
            raise InputError(
                f"expected one *{COUNTS} and one *{DICTIONARY} in the folder "
                f"{streams.display_name(path)}, got {len(found[0])} and {len(found[1])}; name the "
                f"*{COUNTS}"
            )
        return found[0][0], found[1][0]
    counts, dictionary = _files(path)
    with streams.open_file(counts):
        pass
    if not dictionary.is_file():
        raise InputError(
            f"expected the dictionary {dictionary.name} next to {streams.display_name(counts)}, "
            "got no such file; write it there with Dictionary.save_as_text"
        )
    return counts, dictionary


FORMAT = Format(
    name="gensim",
    description="gensim: NAME.mm and NAME.dict.txt, or a folder with both",
    read=read,
    write=write,
    recognise=recognise,
    mark=lambda path: None if _is_named(path) else f"*{DICTIONARY}",
    sidecars=lambda path: [*_files(path), *sidecar.all_paths(_files(path)[0])],
)
