"""From documents to a corpus folder, in bounded memory."""

import os
import shutil
from collections.abc import Iterable, Iterator

from topicgen.corpus.document import Document
from topicgen.corpus.storage import CorpusWriter, new_corpus
from topicgen.corpus.vectorizer import Vectorizer

# Ids and labels are written so many at a time.
_NAMES = 10_000


def build_corpus(
    documents: Iterable[Document],
    vectorizer: Vectorizer,
    folder: str | os.PathLike[str],
    *,
    overwrite: bool = False,
) -> None:
    """Count documents into a corpus folder, written whole or not at all.

    The first pass reads the documents, one at a time, and keeps the counts of all words on disk;
    the second goes over these, and keeps those of the vocabulary.

    Args:
        documents: what ``read_documents`` yields.
        vectorizer: what counts the words; its vocabulary is learnt from the documents.
        folder: the corpus folder to write.
        overwrite: whether to replace a corpus that is there.

    Raises:
        InputError: where the documents or the vectorizer's options cannot be used, the folder
            exists or cannot be written, or another program writes it at the same time.
    """
    with new_corpus(folder, overwrite=overwrite) as writer:
        waiting = writer.folder / "waiting"
        waiting.mkdir()
        counts, found = vectorizer.fit_blocks(_texts(documents, writer), waiting)
        for block in counts:
            writer.add_counts(block)
        shutil.rmtree(waiting)
        vocabulary = vectorizer.get_feature_names_out().tolist()
        writer.finish(vocabulary, vectorizer.to_config(), found)


def _texts(documents: Iterable[Document], writer: CorpusWriter) -> Iterator[str]:
    """Yield the texts, and hand the ids and the labels to the writer."""
    ids: list[str] = []
    labels: list[str | None] = []
    for document in documents:
        ids.append(document.id)
        labels.append(document.label)
        yield document.text
        if len(ids) == _NAMES:
            writer.add_names(ids, labels)
            ids, labels = [], []
    writer.add_names(ids, labels)
