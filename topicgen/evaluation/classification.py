"""How well topic proportions predict known labels."""

import numpy as np
from numpy.typing import ArrayLike

from topicgen.errors import InputError
from topicgen.evaluation.checks import check_distributions, check_labels, check_whole
from topicgen.plain import quoted
from topicgen.randomness import RandomSource, seed_from


def classification_accuracy(
    doc_topic: ArrayLike, labels: ArrayLike, *, folds: int = 5, random_state: RandomSource = 0
) -> float:
    """Share of documents for which a linear classifier predicts the label from topic proportions.

    Logistic regression on the standardised proportions; each document's label is predicted by the
    classifier that was fitted without its fold. The mean over the folds.

    Args:
        doc_topic: (documents, topics), rows sum to 1.
        labels: (documents,), the known class of each: numbers, strings or categories.
        folds: how many parts the documents are split into, each with all labels in proportion.
        random_state: of the split: a seed, numpy's ``Generator`` or ``RandomState``, or None.

    Returns:
        From 0 to 1; always guessing the most common label scores that label's share.

    Raises:
        InputError: rows that are not distributions or a missing label (it names the first), another
            number of labels than of rows, a single label, a label of fewer documents than there are
            folds, or an option out of range.

    Example:
        >>> doc_topic = [[0.9, 0.1], [0.2, 0.8]] * 10
        >>> classification_accuracy(doc_topic, ["news", "sport"] * 10)
        1.0
    """
    proportions = check_distributions(doc_topic, "doc_topic")
    known, names = check_labels(labels, "labels")
    check_whole(folds, "folds", least=2)
    if known.shape != (len(proportions),):
        raise InputError(
            f"expected labels of shape ({len(proportions)},), one for each row of doc_topic, got "
            f"{known.shape}; pass one per document"
        )
    if len(names) < 2:
        raise InputError(
            f"expected two different labels or more, got {len(names)}; a classifier needs classes "
            "to tell apart"
        )
    n_documents = np.bincount(known)
    rare = int(n_documents.argmin())
    if n_documents[rare] < folds:
        raise InputError(
            f"expected {folds} documents or more of every label, one per fold, got "
            f"{n_documents[rare]} of {quoted(names[rare])}; lower folds or leave the label out"
        )
    # Loaded here, as only this score needs them.
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    classifier = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    split = StratifiedKFold(folds, shuffle=True, random_state=seed_from(random_state))
    return float(cross_val_score(classifier, proportions, known, cv=split).mean())
