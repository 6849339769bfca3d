"""What presidents spoke of in 230 years, and whether the curves show what history says.

    python scripts/study_sotu.py                 # three minutes of one core

Fits 30 topics to the paragraphs of the State of the Union addresses (sotu_paragraphs.csv.xz in
$TOPICGEN_DATA/metadata, else ../shared/data/metadata), and prints for the topics in which "war",
"slavery", "gold", "economy" and "health" are most probable

- their shares by decade, with 95% intervals that take an address for a cluster, and their words in
  the decade of the highest share;
- when their shares changed, from year to year, with the 95% intervals of the years;
- how their shares differ between the parties since 1945.
"""

import argparse
import os
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

from topicgen import TopicModel

WORDS = ("war", "slavery", "gold", "economy", "health")
SINCE = "1945"


def paragraphs() -> pd.DataFrame:
    folder = Path(os.environ.get("TOPICGEN_DATA", "../shared/data")) / "metadata"
    path = folder / "sotu_paragraphs.csv.xz"
    if not path.is_file():
        sys.exit(f"skipped: {path} is missing; set TOPICGEN_DATA to the folder that has it")
    return pd.read_csv(path)


def topics_of(model: TopicModel) -> dict[str, int]:
    """Return for each word the topic in which it is most probable."""
    columns = {word: column for column, word in enumerate(model.vocabulary_)}
    return {word: int(model.components_[:, columns[word]].argmax()) for word in WORDS}


def percent(row: pd.Series) -> str:
    low, high = (f"{100 * row[end]:.1f}" for end in ("low", "high"))
    return f"{100 * row['share']:.1f} ({low} to {high})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--topics", type=int, default=30)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    start = time.process_time()
    speeches = paragraphs()
    model = TopicModel(arguments.topics, random_state=arguments.seed).fit(speeches)
    topics = topics_of(model)
    for word, topic in topics.items():
        print(f"{word}: topic {topic}, {' '.join(model.top_words()[topic])}")

    table = model.topics_over_time(speeches, "date", freq="decade", cluster="id")
    table["decade"] = table["time"].dt.year
    wide = {
        word: table[table["topic"] == topic].set_index("decade") for word, topic in topics.items()
    }
    print("\nshare of the tokens in percent, by decade")
    print(pd.DataFrame({word: of.apply(percent, axis=1) for word, of in wide.items()}).to_string())
    for word, of in wide.items():
        peak = of["share"].idxmax()
        print(f"{word}: most in the {peak}s, {' '.join(of.loc[peak, 'words'])}")

    changes = model.topic_changes(speeches, "date", freq="year", cluster="id")
    print("\nchanges, with 95% intervals of the year; shares in percent")
    for word, topic in topics.items():
        for change in changes[changes["topic"] == topic].itertuples():
            print(
                f"{word}: {change.time.year} ({change.low.year} to {change.high.year}), "
                f"{100 * change.before:.1f} to {100 * change.after:.1f}"
            )

    recent = speeches[speeches["date"] >= SINCE]
    table = model.topics_per_class(recent, "party", cluster="id")
    print(f"\nshares since {SINCE} in percent, and the difference to the other party")
    for word, topic in topics.items():
        for row in table[table["topic"] == topic].to_dict("records"):
            ends = 100 * np.array([row["difference_low"], row["difference_high"]])
            print(
                f"{word}: {row['class']} {percent(row)}, "
                f"{100 * row['difference']:+.1f} ({ends[0]:+.1f} to {ends[1]:+.1f})"
            )
    print(f"\n{time.process_time() - start:.0f} seconds of one core")


if __name__ == "__main__":
    main()
