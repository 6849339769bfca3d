"""A table in any of the formats that are read."""

import os
from collections.abc import Iterator

from topicgen.corpus.document import Document
from topicgen.corpus.metadata.keep import Keep
from topicgen.corpus.reading import streams
from topicgen.corpus.reading.dialects import AS_IT_LOOKS, Layout
from topicgen.corpus.reading.encodings import AUTO
from topicgen.corpus.reading.limits import explained_documents
from topicgen.corpus.reading.parquet import SUFFIX as PARQUET
from topicgen.corpus.reading.parquet import read_parquet
from topicgen.corpus.reading.streams import Meter
from topicgen.corpus.reading.tables import SUFFIXES, Columns, read_table

TABLE_SUFFIXES = (*SUFFIXES, PARQUET)


def read_any_table(
    source: str | os.PathLike[str],
    columns: Columns,
    encoding: str = AUTO,
    meter: Meter | None = None,
    layout: Layout = AS_IT_LOOKS,
    keep: Keep = None,
) -> Iterator[Document]:
    """Yield a document for each row of a table whose suffix is among TABLE_SUFFIXES.

    Args and raises are those of ``read_table``; a Parquet file has neither encoding nor layout.
    What is compressed may not hold more than its size on disk explains.
    """
    if streams.format_suffix(source) == PARQUET:
        return explained_documents(read_parquet(source, columns, meter, keep), source)
    documents = read_table(source, columns, encoding, meter, layout, keep)
    return explained_documents(documents, source) if streams.is_compressed(source) else documents
