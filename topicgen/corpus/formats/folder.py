"""topicgen's own form: a corpus folder."""

from pathlib import Path

from topicgen.corpus.corpus import Corpus, open_folder
from topicgen.corpus.formats.format import Format
from topicgen.corpus.storage import DESCRIPTION, CorpusWriter, is_corpus


def write(corpus: Corpus, path: Path) -> None:
    """Write the files of a corpus folder.

    Raises:
        InputError: where a count is not whole.
    """
    with CorpusWriter(path) as writer:
        corpus.write_to(writer)


FORMAT = Format(
    name="topicgen",
    description="a corpus folder, as written by 'topicgen corpus build'",
    read=open_folder,
    write=write,
    recognise=is_corpus,
    mark=lambda _: DESCRIPTION,
    keeps_metadata=True,
)
