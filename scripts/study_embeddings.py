"""Topic models that read embeddings: short texts, and a second language.

``python scripts/study_embeddings.py titles`` fits the subjects of 20 Newsgroups (scripts/titles.py)
with embeddings beside the words, and compares with CombinedTM at the same vectors and vocabulary.
Perplexity is of document completion: half of each title's words are shown, and the embedding is
that of the title without its hidden words.

``python scripts/study_embeddings.py pages FOLDER`` fits English manual pages by their embeddings
alone, and transforms German and French translations of other pages (scripts/manual_pages.py), as
ZeroShotTM does: does a translation get its original's topics?

Each prints a row per model and seed, and adds it to docs/studies/embeddings/embeddings.json.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import scipy.sparse as sp

from topicgen.corpus import Vectorizer

OUTPUT = Path("docs/studies/embeddings/embeddings.json")


def hidden_halves(
    texts: Sequence[str], vectorizer: Vectorizer, random: np.random.Generator
) -> tuple[list[str], sp.csr_matrix, sp.csr_matrix]:
    """Hide half of each text's counted words, and return what is left of it.

    Returns the texts without their hidden words, the counts of the words that are shown (the
    smaller half) and those of the words that are hidden. Words that are not counted stay.
    """
    n_words = len(vectorizer.get_feature_names_out())
    shown_texts, counts = [], np.zeros((2, len(texts), n_words), np.int64)
    for row, text in enumerate(texts):
        spans = vectorizer.spans(text)
        shown = np.zeros(len(spans), dtype=bool)
        shown[random.permutation(len(spans))[: len(spans) // 2]] = True
        for (start, stop, column), is_shown in reversed(list(zip(spans, shown, strict=True))):
            counts[0 if is_shown else 1, row, column] += 1
            if not is_shown:
                text = text[:start] + text[stop:]
        shown_texts.append(" ".join(text.split()))
    return shown_texts, sp.csr_matrix(counts[0]), sp.csr_matrix(counts[1])
