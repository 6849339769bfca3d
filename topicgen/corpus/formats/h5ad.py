"""AnnData's .h5ad: documents by words in X, ids in obs, words in var, labels in obs["label"].

The other columns of obs are the metadata. It is read and written by h5py alone, after AnnData's
on-disk specification, which has no dates: they become text. Nothing else of a corpus is lost; of a
file that others wrote, layers and all other annotations are not read (``from_anndata`` takes a
layer).
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import csc_matrix, csr_matrix, vstack

from topicgen.corpus.corpus import Corpus
from topicgen.corpus.formats import anndata_store as store
from topicgen.corpus.formats.format import Format
from topicgen.corpus.formats.hdf5_strings import check_heaps
from topicgen.corpus.formats.whole_counts import counts_to_write, in_file, whole_counts
from topicgen.corpus.reading import streams
from topicgen.corpus.reading.damage import refused_if_damaged
from topicgen.corpus.reading.limits import check_documents
from topicgen.errors import InputError
from topicgen.extras import needed
from topicgen.plain import quoted

if TYPE_CHECKING:
    from types import ModuleType

LABEL = "label"
# How much of a dense matrix is read at once.
_DENSE_BYTES = 2**26


def read(path: Path) -> Corpus:
    """Read a .h5ad.

    Raises:
        InputError: where h5py is absent, the file is damaged or of another kind, a count is not
            whole, or a word comes twice.
    """
    h5py = _h5py()
    name = streams.display_name(path)
    size = streams.check_is_file(path)
    with (
        streams.explained(path),
        refused_if_damaged("a .h5ad written by AnnData", name, "save it again"),
        _opened(h5py, path) as file,
    ):
        store.require(file, name, "X", "obs", "var")
        vocabulary = store.read_index(file["var"], name)
        ids = store.read_index(file["obs"], name)
        check_documents(len(ids), size, name)
        labels = store.read_strings(file["obs"][LABEL]) if LABEL in file["obs"] else None
        metadata = store.read_columns(file["obs"], leave_out=LABEL)
        matrix = _read_matrix(file["X"], (len(ids), len(vocabulary)))
        layers = list(file.get("layers", ()))
    try:
        counts = whole_counts(matrix, vocabulary, in_file(path))
    except InputError as error:
        if not layers:
            raise
        raise InputError(
            f"{error}; if a layer holds them, use from_anndata(adata, layer={quoted(layers[0])})"
        ) from None
    return corpus_of(counts, vocabulary, ids, labels, metadata, in_file(path))


def write(corpus: Corpus, path: Path) -> None:
    """Write a .h5ad that AnnData 0.8 and later read.

    Raises:
        InputError: where h5py is absent or a count is not whole.
    """
    h5py = _h5py()
    counts = counts_to_write(corpus)
    # In memory first, compressed: what h5py says of a full disk, it says in many lines.
    content = io.BytesIO()
    with h5py.File(content, "w") as file:
        store.mark(file, "anndata", "0.1.0")
        matrix = store.new_group(file, "X", "csr_matrix", "0.1.0")
        matrix.attrs["shape"] = np.array(counts.shape, dtype=np.int64)
        for part in ("data", "indices", "indptr"):
            # Words are rare: most bytes are zeros, and half of them compress away.
            matrix.create_dataset(
                part, data=getattr(counts, part), chunks=True, compression="gzip", shuffle=True
            )
        columns: dict[str, Any] = {} if corpus.labels is None else {LABEL: list(corpus.labels)}
        if corpus.metadata is not None:
            columns = {**dict(corpus.metadata.items()), **columns}
        store.write_frame(file, "obs", corpus.ids, columns)
        store.write_frame(file, "var", corpus.vocabulary, {})
        for name in ("layers", "obsm", "obsp", "uns", "varm", "varp"):
            store.new_group(file, name, "dict", "0.1.0")
    path.write_bytes(content.getbuffer())


def recognise(path: Path) -> bool:
    """Recognise .h5ad by its suffix."""
    return path.suffix.lower() == ".h5ad"


def corpus_of(
    counts: csr_matrix,
    vocabulary: list[str],
    ids: list[str],
    labels: list[str] | None,
    metadata: Any,
    where: str,
) -> Corpus:
    """Return a corpus; an error says where it comes from.

    Raises:
        InputError: where a word comes twice, or the like.
    """
    try:
        return Corpus(
            counts=counts,
            vocabulary=vocabulary,
            ids=ids,
            labels=labels,
            metadata=metadata if len(metadata.keys()) else None,
        )
    except InputError as error:
        problem, _, advice = str(error).rpartition("; ")
        raise InputError(f"{problem} {where}; {advice}") from None


def _h5py() -> "ModuleType":
    with needed("h5py", "the h5ad format needs"):
        import h5py
    return h5py


@contextmanager
def _opened(h5py: "ModuleType", path: Path) -> Iterator[Any]:
    """Open a file whose strings do not keep the library from coming to an end.

    Raises:
        ValueError: where they would.
    """
    check_heaps(path)
    with h5py.File(path, "r") as file:
        yield file


def _read_matrix(element: Any, shape: tuple[int, int]) -> csr_matrix:
    """Return the counts, which have as many rows and columns as there are ids and words.

    Raises:
        ValueError: where they have not, or an index is out of range.
    """
    is_dense = not hasattr(element, "keys")
    found = tuple(int(size) for size in (element.shape if is_dense else element.attrs["shape"]))
    if found != shape:
        raise ValueError(
            f"X is {' x '.join(map(str, found))}, but obs and var are {shape[0]} x {shape[1]}"
        )
    if is_dense:
        n_rows = max(1, _DENSE_BYTES // max(1, element.dtype.itemsize * shape[1]))
        starts = range(0, max(1, shape[0]), n_rows)
        return vstack([csr_matrix(element[start : start + n_rows]) for start in starts], "csr")
    kind = element.attrs.get("encoding-type", "")
    if kind not in ("csr_matrix", "csc_matrix"):
        raise ValueError(f"X is of the encoding-type {quoted(kind)}")
    parts = tuple(store.read_array(element[part]) for part in ("data", "indices", "indptr"))
    make = csr_matrix if kind == "csr_matrix" else csc_matrix
    matrix = make(parts, shape=shape)
    # An index out of range would crash the program later on.
    matrix.check_format(full_check=True)
    return matrix.tocsr()


FORMAT = Format(
    name="h5ad",
    description="AnnData: documents by words in X; .h5ad (needs h5py)",
    read=read,
    write=write,
    recognise=recognise,
    keeps_metadata=True,
)
