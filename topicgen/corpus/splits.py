"""The splits of a collection, such as train and test, as the ids of its documents name them.

The split of a document is the first part of its id: ``train/1``, or that of a file in a folder,
``20news-bydate-test/sci.space/62317``.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from topicgen.errors import InputError
from topicgen.plain import quoted

if TYPE_CHECKING:
    from topicgen.corpus.document import Document

SPLITS = ("train", "val", "test")
_OTHER_NAMES = {
    "training": "train",
    "valid": "val",
    "validation": "val",
    "dev": "val",
    "testing": "test",
}
# In a collection with splits, few documents are in none.
_MOST_OTHERS = 100


def split_named(name: str) -> str | None:
    """Return the split that has a name.

    >>> split_named("train"), split_named("Validation"), split_named("trains")
    ('train', 'val', None)
    """
    name = name.strip().lower()
    name = _OTHER_NAMES.get(name, name)
    return name if name in SPLITS else None


def split_of(id: str) -> str | None:
    """Return the split that a document's id names, by its first part or the last word of that.

    >>> split_of("train/1"), split_of("20news-bydate-test/sci.space/62317"), split_of("train")
    ('train', 'test', None)
    """
    first, slash, _ = id.partition("/")
    return split_named(re.split(r"[-_. ]", first)[-1]) if slash else None


def check_split(split: str) -> str:
    """Return the usual name of a split.

    >>> check_split("train"), check_split("validation")
    ('train', 'val')

    Raises:
        InputError: where it is no name of one.
    """
    name = split_named(split) if isinstance(split, str) else None
    if name is None:
        raise InputError(
            f"expected a split among {', '.join(SPLITS)}, got {quoted(split)}; name one"
        )
    return name


def splits_of(ids: Iterable[str]) -> list[str] | None:
    """Return the split of each document, or None where the collection has none.

    It has splits where all ids of several parts name one. A few others may stand next to these,
    such as a README next to the folders; their split is "".

    >>> splits_of(["README", "train/1", "test/1"]), splits_of(["train/1", "sport/1"])
    (['', 'train', 'test'], None)
    """
    splits: list[str] = []
    n_others = 0
    for id in ids:
        split = split_of(id)
        n_others += split is None
        # Not a split, or not worth a look at all the others.
        if split is None and ("/" in id or n_others > _MOST_OTHERS):
            return None
        splits.append(split or "")
    return splits if n_others < len(splits) else None


def documents_of_split(
    documents: Iterable["Document"], split: str, where: str
) -> Iterator["Document"]:
    """Yield the documents of one split.

    Args:
        documents: read one at a time.
        split: the name.
        where: the documents' source, as messages name it.

    Raises:
        InputError: where ``split`` is no name of one, and at the end where no document is in it.
    """
    name = check_split(split)
    sizes: Counter[str] = Counter()
    for document in documents:
        other = split_of(document.id)
        if other == name:
            yield document
        if other is not None:
            sizes[other] += 1
    if not sizes[name]:
        raise no_such_split(name, sizes, where)


def count_splits(ids: Iterable[str]) -> dict[str, int]:
    """Return how many documents each split has, by its name; nothing where there are no splits.

    >>> count_splits(["test/1", "train/1", "train/2"])
    {'train': 2, 'test': 1}
    """
    sizes = Counter(splits_of(ids) or ())
    return {split: sizes[split] for split in (*SPLITS, "") if split in sizes}


def split_sizes(sizes: Mapping[str, int]) -> str:
    """Return how many documents each split has, in words.

    >>> split_sizes({"train": 11314, "test": 7532, "": 1})
    'train 11,314 + test 7,532 (and 1 in no split)'
    """
    named = " + ".join(f"{split} {sizes[split]:,}" for split in SPLITS if sizes.get(split))
    return f"{named} (and {sizes['']:,} in no split)" if sizes.get("") else named


def no_such_split(split: str, sizes: Mapping[str, int], where: str) -> InputError:
    """Return the error for documents of which none is in a split.

    Args:
        split: the name.
        sizes: the number of documents in each split that there is.
        where: the documents' source, as messages name it.
    """
    if sizes:
        found, advice = f"only {split_sizes(sizes)}", "name one of these"
    else:
        found = "ids that name no split"
        advice = "leave the split out, or begin each id (or path) with 'train/', 'val/' or 'test/'"
    return InputError(
        f"expected documents of the split {quoted(split)} in {where}, got {found}; {advice}"
    )
