"""Whether edits find what was planted: topics that are one, and topics that are two.

Merging: documents are drawn from 10 planted topics, and 10, 15 or 20 are fitted. Two fitted topics
are parts of one topic where the planted topic most similar to both is the same (and the similarity
is above .5). The suggestions of ``suggest_merges`` are followed one by one until there is none.
Printed are the surplus topics before and after, right merges (of parts of one topic, or with a
topic that is similar to no planted one), wrong merges, and the topics left.

Splitting: two planted topics are one in the fitted model, either because they were merged with
``merge``, or because only 9 topics were fitted. ``split`` has to find the two: both halves are then
more similar than .8 (1 - Jensen-Shannon divergence in bits) to one of the planted topics each.

    python scripts/study_editing.py [--seeds 10] [--documents 2000] [--tokens 80]
"""

import argparse
import warnings

import numpy as np

from topicgen import TopicModel
from topicgen.evaluation.matching import match_topics

N_TOPICS, N_WORDS = 10, 1000


def plant(seed: int, n_documents: int, n_tokens: int) -> tuple[np.ndarray, np.ndarray]:
    """Return counts and the planted topics."""
    random = np.random.default_rng(seed)
    frequency = 1 / np.arange(5, N_WORDS + 5)
    topics = random.gamma(0.15, size=(N_TOPICS, N_WORDS)) * frequency + 1e-9 * frequency
    topics /= topics.sum(1, keepdims=True)
    # Topics of different sizes, each absent from most documents.
    rates = random.gamma(0.15, 1.0, (n_documents, N_TOPICS)) * np.geomspace(3, 0.3, N_TOPICS)
    proportions = rates / rates.sum(1, keepdims=True)
    lengths = random.poisson(n_tokens, n_documents) + 5
    words = proportions @ topics
    counts = [random.multinomial(*of) for of in zip(lengths, words, strict=True)]
    return np.stack(counts), topics


def merging(seed: int, k: int, n_documents: int, n_tokens: int) -> tuple[int, int, int, int, int]:
    """Return surplus topics before and after, right and wrong merges, and the topics left."""
    counts, topics = plant(seed, n_documents, n_tokens)
    model = TopicModel(k, random_state=seed).fit(counts)

    def belong() -> np.ndarray:
        similarity = match_topics(model.components_, topics).all_similarities
        return np.where(similarity.max(1) > 0.5, similarity.argmax(1), -1)

    def surplus() -> int:
        of, n = np.unique(belong(), return_counts=True)
        return int((n[of >= 0] - 1).sum())

    before, right, wrong = surplus(), 0, 0
    while len(model.components_) > 2:
        suggested = model.suggest_merges(1)
        if not suggested["suggested"].any():
            break
        first, second = suggested.loc[0, ["topic", "other"]]
        of = belong()
        if of[first] == of[second] or min(of[first], of[second]) < 0:
            right += 1
        else:
            wrong += 1
        model.merge([int(first), int(second)])
    return before, surplus(), right, wrong, len(model.components_)


def similarity_of_halves(model: TopicModel, both: list[int], planted: np.ndarray) -> float:
    """Return the smaller similarity of two halves with the planted topic of each."""
    return float(match_topics(model.components_[both], planted).similarity.min())


def splitting(seed: int, n_documents: int, n_tokens: int) -> tuple[float, float]:
    """Return the similarity of halves of a merged topic, and of one that was never two."""
    counts, topics = plant(seed, n_documents, n_tokens)
    model = TopicModel(N_TOPICS, random_state=seed).fit(counts)
    matching = match_topics(topics, model.components_)
    best = np.argsort(-matching.similarity)
    pair = [best[0], best[1]]
    number = min(matching.pairs[pair, 1].tolist())
    model.merge(matching.pairs[pair, 1].tolist())
    model.split(number)
    merged = similarity_of_halves(model, [number, len(model.components_) - 1], topics[pair])
    small = TopicModel(N_TOPICS - 1, random_state=seed).fit(counts)
    # The fitted topic that is most evenly made of two planted ones.
    similarity = match_topics(small.components_, topics).all_similarities
    second = np.sort(similarity, 1)[:, -2]
    number = int(second.argmax())
    pair = np.argsort(-similarity[number])[:2].tolist()
    small.split(number)
    never = similarity_of_halves(small, [number, N_TOPICS - 1], topics[pair])
    return merged, never


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--documents", type=int, default=2000)
    parser.add_argument("--tokens", type=int, default=80)
    options = parser.parse_args()
    warnings.simplefilter("ignore", UserWarning)  # few topics in use is what too large a K means
    size = options.documents, options.tokens
    print("seed  fitted  surplus topics before       after merging  right  wrong  topics left")
    for k in (N_TOPICS, 15, 20):
        for seed in range(options.seeds):
            before, after, right, wrong, left = merging(seed, k, *size)
            print(
                f"{seed:>4}{k:>8}{before:>20}{after:>20}{right:>7}{wrong:>7}{left:>13}", flush=True
            )
    print("\nseed  halves of merged topics  halves of a topic that was never two")
    found = []
    for seed in range(options.seeds):
        found.append(splitting(seed, *size))
        print(f"{seed:>4}{found[-1][0]:>25.3f}{found[-1][1]:>38.3f}", flush=True)
    merged, never = (np.array(found) > 0.8).sum(0)
    print(f"above .8: {merged} and {never} of {options.seeds}")


if __name__ == "__main__":
    main()
