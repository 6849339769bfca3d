"""AnnData's objects in memory: documents by words, and what is known of the documents."""

from typing import Any

from topicgen.corpus.corpus import Corpus
from topicgen.corpus.formats.h5ad import LABEL, corpus_of
from topicgen.corpus.formats.whole_counts import counts_to_write, whole_counts
from topicgen.errors import InputError
from topicgen.extras import needed
from topicgen.plain import quoted


def from_anndata(adata: Any, layer: str | None = None) -> Corpus:
    """Return the corpus of an AnnData: X, var_names as words, obs_names as ids, obs["label"].

    The other columns of obs are the metadata.

    Args:
        adata: the AnnData, in memory or backed by a file.
        layer: the layer with the counts; None for X.

    Raises:
        InputError: where there is no such layer or no X, a count is not whole, or a word comes
            twice.
    """
    labels = list(adata.obs[LABEL]) if LABEL in adata.obs else None
    words, ids = list(map(str, adata.var_names)), list(map(str, adata.obs_names))
    metadata = adata.obs.drop(columns=LABEL, errors="ignore")
    where = "in X" if layer is None else f"in the layer {quoted(layer)}"
    # Since AnnData 0.13, X is the layer None.
    layers = [name for name in getattr(adata, "layers", ()) if name is not None]
    advice = f"; if a layer holds them, pass layer={quoted(layers[0])}" if layers else ""
    if layer is not None and layer not in layers:
        raise InputError(
            f"expected one of the layers {', '.join(map(quoted, layers)) or '(there are none)'}, "
            f"got layer={quoted(layer)}; leave it out for the counts in X"
        )
    matrix = adata.X if layer is None else adata.layers[layer]
    if matrix is None:
        raise InputError(f"expected counts in X, got an AnnData without X{advice}")
    # The matrix of a file that stays open is read here.
    matrix = matrix.to_memory() if hasattr(matrix, "to_memory") else matrix
    try:
        counts = whole_counts(matrix, words, where)
    except InputError as error:
        raise InputError(f"{error}{'' if layer else advice}") from None
    return corpus_of(counts, words, ids, labels, metadata, where)


def to_anndata(corpus: Corpus) -> Any:
    """Return an AnnData: counts in X, metadata and labels in obs, words as the index of var.

    Metadata keep their types. AnnData has no form for dates in its files: ``write_corpus`` makes
    text of them.

    Raises:
        InputError: where the package anndata is absent, or a count is not whole.
    """
    with needed("anndata", "to_anndata needs"):
        from anndata import AnnData
    import pandas as pd

    ids = pd.Index(list(corpus.ids))
    obs = pd.DataFrame(index=ids) if corpus.metadata is None else corpus.metadata.set_axis(ids)
    if corpus.labels is not None:
        obs = obs.assign(**{LABEL: list(corpus.labels)})
    var = pd.DataFrame(index=pd.Index(list(corpus.vocabulary)))
    return AnnData(counts_to_write(corpus), obs=obs, var=var)
