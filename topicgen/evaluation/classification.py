"""How much of known labels the proportions of topics tell."""

from collections import Counter

from numpy.typing import ArrayLike
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from topicgen.errors import InputError
from topicgen.evaluation._checks import check_distributions, check_labels


def classification_accuracy(
    doc_topic: ArrayLike, labels: ArrayLike, *, folds: int = 5, random_state: int = 0
) -> float:
    """Share of documents whose label a linear classifier tells from their topic proportions.

    Logistic regression on the standardised proportions, each document's label predicted by the one
    that was fitted without its fold; the mean over the folds.

    Args:
        doc_topic: (documents, topics), rows sum to 1.
        labels: (documents,), the known class of each, numbers or names.
        folds: how many parts the documents are split into, each with all labels in proportion.
        random_state: of the split.

    Returns:
        From 0 to 1; a guess of the commonest label has its share.

    Raises:
        InputError: rows that are no distributions or a label that is None or NaN (it names the
            first), another number of labels, one label alone, or a label of fewer documents than
            there are folds.

    Example:
        >>> doc_topic = [[0.9, 0.1], [0.2, 0.8]] * 10
        >>> classification_accuracy(doc_topic, ["news", "sport"] * 10)
        1.0
    """
    proportions = check_distributions(doc_topic, "doc_topic")
    known = check_labels(labels, "labels")
    if known.shape != (len(proportions),):
        raise InputError(
            f"expected labels of shape ({len(proportions)},), one for each row of doc_topic, got "
            f"{known.shape}; pass one a document"
        )
    if folds < 2:
        raise InputError(f"expected folds from 2, got {folds}; 5 is usual")
    documents = Counter(known.tolist())
    if len(documents) < 2:
        raise InputError(
            f"expected two labels or more to tell apart, got {len(documents)}; pass others"
        )
    rare, least = min(documents.items(), key=lambda pair: pair[1])
    if least < folds:
        raise InputError(
            f"expected {folds} documents or more of every label, one a fold, got {least} of "
            f"{rare!r}; lower folds or leave the label out"
        )
    classifier = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    split = StratifiedKFold(folds, shuffle=True, random_state=random_state)
    return float(cross_val_score(classifier, proportions, known, cv=split).mean())
