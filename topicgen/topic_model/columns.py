"""What is known of each document besides its words, by name or by value."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from topicgen.effects.per_class import check_values, read_classes
from topicgen.errors import InputError
from topicgen.plain import quoted
from topicgen.topic_model.text_frames import Metadata


@dataclass(frozen=True)
class Columns:
    """What is known of each document: values that are passed, or those of a metadata column.

    Args:
        metadata: of the documents.
        n_documents: how many there are.
    """

    metadata: Metadata
    n_documents: int

    def of(self, values: Any, name: str) -> Any:
        """Return a value for each document.

        Args:
            values: these, or the name of a metadata column.
            name: what they are called in errors.

        Raises:
            InputError: where the column does not exist, or there are more or fewer values.
        """
        if isinstance(values, str):
            return self._named(values, name)
        return check_values(values, self.n_documents, name)

    def _named(self, column: str, name: str) -> Any:
        frame = self.metadata()
        if frame is None:
            raise InputError(
                f"{name}={quoted(column)} names a metadata column, but these documents have no "
                "metadata; pass metadata=, or a value for each document"
            )
        if column not in frame.columns:
            raise InputError(
                f"{name}={quoted(column)} is not a metadata column; choose one of "
                f"{', '.join(map(repr, frame.columns))}"
            )
        return frame[column]

    def clusters(self, values: Any) -> "np.ndarray | None":
        """Return the number of each document's cluster, or None where there are no clusters.

        Raises:
            InputError: as ``of``, and where values are missing.
        """
        if values is None:
            return None
        return read_classes(self.of(values, "cluster"), "cluster").of_documents
