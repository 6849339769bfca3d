"""A report on a model and some documents, as one HTML page."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sklearn.utils.validation import check_is_fitted

from topicgen.errors import InputError, check_kind, shown
from topicgen.files import hold, whole_file
from topicgen.randomness import seed_from
from topicgen.reporting.contents import gather
from topicgen.reporting.page import make_page
from topicgen.reporting.source import read_source

if TYPE_CHECKING:
    from topicgen.topic_model import TopicModel

MOST_DOCUMENTS = 20_000


class Report:
    """A page about a model: ``html`` is the page itself, ``save`` writes it to a file.

    Args:
        html: the page.
    """

    def __init__(self, html: str) -> None:
        self.html = html

    def __repr__(self) -> str:
        return f"Report({len(self.html.encode()) / 1e6:.1f} MB)"

    def save(self, path: str | os.PathLike[str], *, overwrite: bool = False) -> Path:
        """Write the page to a file, completely or not at all, and return its path.

        Args:
            path: of the file, such as "report.html".
            overwrite: whether an existing file is replaced.

        Raises:
            InputError: where the file exists and ``overwrite`` is false, or cannot be written.
        """
        with hold(path, "file", overwrite=overwrite), whole_file(path) as draft:
            draft.write_text(self.html, encoding="utf-8")
        return Path(path)


def report(
    model: "TopicModel",
    documents: Any,
    *,
    metadata: Any = None,
    embeddings: Any = None,
    texts: Any = None,
    columns: Sequence[str] | None = None,
    title: str = "Topics",
    over_time: str | None = None,
    most_documents: int = MOST_DOCUMENTS,
    random_state: int = 0,
    verbose: int = 0,
) -> Report:
    """Return a page about the topics of a model and where they occur in some documents.

    The page needs no network and no other file. It contains the beginnings of the documents and
    passages from them, so everyone who gets the page can read these.

    Args:
        model: a fitted ``TopicModel``.
        documents: as in ``TopicModel.transform``.
        metadata: as in ``TopicModel.transform``; it is shown with each document.
        embeddings: as in ``TopicModel.transform``.
        texts: the texts of documents that come as counts: one for each document, or a function from
            an array of row numbers to their texts. Without texts, the page shows their words.
        columns: the metadata columns to show with each document; by default all.
        title: of the page.
        over_time: the metadata column with the date of each document, for the topics' shares over
            time; by default the only one of the columns shown that holds dates.
        most_documents: the most documents to show; from a larger collection, the page shows the
            most typical documents of each topic and a random sample.
        random_state: the seed of the sample and of the posterior draws.
        verbose: 1 shows a progress bar on standard error.

    Raises:
        InputError: where the documents or an argument cannot be used.
        sklearn.exceptions.NotFittedError: where the model is not fitted.

    Example:
        >>> from topicgen import TopicModel
        >>> docs = ["cats purr and cats sleep", "dogs bark and dogs run"] * 20
        >>> model = TopicModel(2, max_epochs=2, random_state=0).fit(docs)
        >>> page = report(model, docs, title="Pets")
        >>> page.html.startswith("<!doctype html>"), "<title>Pets</title>" in page.html
        (True, True)
    """
    if not isinstance(title, str):
        raise InputError(f"title must be a string, got {shown(title)}")
    whole = isinstance(most_documents, int) and not isinstance(most_documents, bool)
    if not whole or most_documents < 1:
        raise InputError(
            f"most_documents must be a whole number from 1, got {shown(most_documents)}"
        )
    check_is_fitted(model)
    seed = seed_from(random_state)
    check_kind("verbose", verbose, int, "0 or 1")
    source = read_source(model, documents, metadata, texts, columns, embeddings)
    contents = gather(
        model,
        source,
        most_documents=most_documents,
        over_time=over_time,
        seed=seed,
        progress=bool(verbose),
    )
    return Report(make_page(contents, title, model.fitted_.origin.date))
