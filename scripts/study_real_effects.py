"""Effects of covariates in real collections: who writes about what, and since when.

    python scripts/study_real_effects.py                     # all parts, half an hour on one core
    python scripts/study_real_effects.py --parts gadarian

The collections are in metadata/ of $TOPICGEN_DATA, else ../shared/data; parts whose collection is
missing are skipped. Prints tables in Markdown, and writes docs/studies/effects/real_PART.md.

- gadarian: 341 answers on immigration, half of them by people whom an experiment had made anxious
  (Gadarian and Albertson, 2014). stm's vignette finds that they write more about fear and welfare,
  by .161 (standard error .030) of an answer, with three topics and ``~ treatment + s(pid_rep)``.
- sotu: the State of the Union addresses, paragraph by paragraph, by party and over 230 years.
- commons, bundestag: speeches by party, with random intercepts of the speakers.
"""

import argparse
import os
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from topicgen import TopicModel
from topicgen.corpus import Corpus, Vectorizer, read_documents

ROOT = Path(__file__).parent.parent
OUT = ROOT / "docs" / "studies" / "effects" / "real.md"
# The words that set the topic of fear and welfare apart in stm's vignette: "illegal", "immigrants"
# and "border" are frequent in all topics.
FEAR = ("job", "tax", "pay", "care", "welfar", "crime", "secur", "social", "health", "school")
THEMES = {
    "army": ("army", "navy", "officers", "naval", "ships"),
    "war": ("war", "enemy", "peace", "victory", "allies", "soldiers", "terrorists"),
    "economy": ("jobs", "economy", "tax", "inflation", "budget", "growth", "currency", "bank"),
    "health": ("health", "care", "insurance", "medical", "medicare", "hospitals"),
}


PARTIES = {
    "commons": ("Con", "Lab", "LibDem", "SNP"),
    "bundestag": ("CDU/CSU", "SPD", "GRUENE", "FDP", "PDS/LINKE"),
}


def data(name: str) -> Path | None:
    path = Path(os.environ.get("TOPICGEN_DATA", "../shared/data")) / "metadata" / name
    if path.exists():
        return path
    print(f"{path} is missing: this part is skipped")
    return None


def markdown(table: pd.DataFrame, digits: int = 3) -> list[str]:
    """Return a table in Markdown."""
    table = table.copy()
    for column in table.select_dtypes("number"):
        if not np.issubdtype(table[column].dtype, np.integer):
            table[column] = table[column].map(f"{{:.{digits}f}}".format)
    rows = [table.columns, ["---"] * table.shape[1], *table.astype(str).to_numpy()]
    return ["| " + " | ".join(row) + " |" for row in rows] + [""]


def gadarian(n_seeds: int) -> list[str]:
    path = data("gadarian.csv")
    if path is None:
        return []
    answers = pd.read_csv(path)
    rows = []
    for seed in range(n_seeds):
        model, effects = treatment_effects(answers, seed)
        topic = theme(model, FEAR)
        found = effects.loc[topic]
        words = ", ".join(model.top_words(8)[topic])
        ends = {"estimate": found.estimate, "low": found.low, "high": found.high}
        rows.append({"seed": seed, **ends, "excludes 0": found.low > 0, "words": words})
    table = pd.DataFrame(rows)
    random = np.random.default_rng(0)
    rejected = []
    for seed in range(2 * n_seeds):
        placebo = answers.assign(treatment=random.permutation(answers["treatment"]))
        effects = treatment_effects(placebo, seed)[1]
        rejected += [*((effects["low"] > 0) | (effects["high"] < 0))]
    n = int(table["excludes 0"].sum())
    return [
        "## Gadarian and Albertson's experiment",
        "",
        f"The effect of the treatment on the share of the topic of fear and welfare excludes 0 "
        f"with {n} of {n_seeds} seeds; on average it is {table['estimate'].mean():.3f}. topica's "
        "STM: .196 (.113 to .279); R's stm: .161, standard error .030. With treatments shuffled "
        f"among the answers, {sum(rejected)} of {len(rejected)} effects exclude 0.",
        "",
        *markdown(table),
    ]


def treatment_effects(answers: pd.DataFrame, seed: int) -> tuple[TopicModel, pd.DataFrame]:
    """Fit the model of stm's vignette, and return it with its effects of the treatment."""
    model = TopicModel(
        3,
        prevalence="~ treatment + s(pid_rep)",
        text_column="open.ended.response",
        vectorizer=Vectorizer(stop_words="english", stemmer="english"),
        random_state=seed,
    ).fit(answers)
    effects = model.effects(kind="share").query("term == 'treatment'")
    return model, effects.set_index("topic")


def theme(model: TopicModel, words: tuple[str, ...]) -> int:
    """Return the topic in which these words have the largest probability together."""
    columns = [column for column, word in enumerate(model.vocabulary_ or ()) if word in words]
    return int(model.components_[:, columns].sum(1).argmax())


def sotu(n_seeds: int) -> list[str]:
    path = data("sotu_paragraphs.csv.xz")
    if path is None:
        return []
    corpus = Corpus.from_documents(
        read_documents(path, keep=["date", "party", "president"]),
        Vectorizer(stop_words="english", min_df=20),
    )
    start = time.process_time()
    model = TopicModel(30, prevalence="~ party + s(date, df=12)", random_state=0).fit(corpus)
    seconds = time.process_time() - start
    lines = [
        "## The State of the Union, 1790 to 2026",
        "",
        f"{corpus.counts.shape[0]:,} paragraphs, 30 topics, ``~ party + s(date, df=12)``, "
        f"{seconds:.0f} seconds; intervals allow for paragraphs of one address resembling each "
        "other. The years are the highest points of the curve, the party held as it is.",
        "",
    ]
    address = corpus.metadata["date"].astype(str).to_numpy()
    curves = model.predict_prevalence("date", cluster=address, simultaneous=True)
    parties = model.contrast(
        {"party": "Republican"}, {"party": "Democratic"}, cluster=address
    ).set_index("topic")
    rows, chosen = [], {}
    for name, words in THEMES.items():
        topic = theme(model, words)
        chosen[name] = curve = curves[curves["topic"] == topic]
        years = pd.to_datetime(curve["date"]).dt.year.to_numpy()
        share = curve["estimate"].to_numpy()
        inner = np.r_[
            share[0] > share[1], np.diff(np.sign(np.diff(share))) < 0, share[-1] > share[-2]
        ]
        peaks = [i for i in np.argsort(-share) if inner[i] and share[i] > share.max() / 4][:3]
        contrast = parties.loc[topic]
        rows.append(
            {
                "theme": name,
                "words": ", ".join(model.top_words(8)[topic]),
                "peaks": ", ".join(f"{years[i]} ({share[i]:.2f})" for i in peaks),
                "Republican less Democratic": f"{contrast.estimate:+.3f} "
                f"({contrast.low:+.3f} to {contrast.high:+.3f})",
            }
        )
    figure(chosen, OUT.with_name("sotu.png"))
    return [*lines, *markdown(pd.DataFrame(rows)), "![Curves](sotu.png)", ""]


def figure(curves: dict[str, pd.DataFrame], path: Path) -> None:
    """Draw each curve with its simultaneous band."""
    from matplotlib.figure import Figure

    fig = Figure(figsize=(8, 2 * len(curves)), layout="constrained")
    axes = fig.subplots(len(curves), 1, sharex=True)
    for axis, (name, curve) in zip(axes, curves.items(), strict=True):
        years = pd.to_datetime(curve["date"])
        axis.fill_between(years, curve["low"], curve["high"], color="#33658a", alpha=0.25, lw=0)
        axis.plot(years, curve["estimate"], color="#33658a")
        axis.set(ylabel=name, ylim=(0, None))
        for side in ("top", "right"):
            axis.spines[side].set_visible(False)
    fig.savefig(path, dpi=130)


def speeches(name: str, language: str, first: str, second: str) -> list[str]:
    """Return what two parties differ in most, with random intercepts of the speakers."""
    path = data(f"parlspeech_{name}.zip")
    if path is None:
        return []
    table = pd.read_csv(path, usecols=["date", "party", "speaker", "text", "chair"])
    table = table[~table["chair"].astype(bool) & table["party"].isin(PARTIES[name])]
    model = TopicModel(
        15,
        prevalence="~ party + (1 | speaker)",
        vectorizer=Vectorizer(stop_words=language, min_df=5),
        random_state=0,
    ).fit(table["text"].tolist(), metadata=table.reset_index(drop=True))
    contrast = model.contrast({"party": first}, {"party": second}, kind="share")
    alone = model.contrast(
        {"party": first}, {"party": second}, kind="share", cluster=np.arange(len(table))
    )
    contrast["excludes 0"] = (contrast["low"] > 0) | (contrast["high"] < 0)
    n_alone = int(((alone["low"] > 0) | (alone["high"] < 0)).sum())
    n_excluding = int(contrast["excludes 0"].sum())
    contrast["words"] = [", ".join(words[:7]) for words in model.top_words(7)]
    contrast = contrast.sort_values("estimate", key=abs, ascending=False).head(6)
    return [
        f"## {name.capitalize()}",
        "",
        f"{len(table):,} speeches of {table['speaker'].nunique()} speakers, 15 topics, "
        f"``~ party + (1 | speaker)``: the share of {first} less that of {second}, for the six "
        f"topics that differ most. {n_excluding} of all 15 exclude 0; if every speech had a "
        f"speaker of its own, {n_alone} would.",
        "",
        *markdown(contrast.drop(columns="std_error")),
    ]


def commons(n_seeds: int) -> list[str]:
    return speeches("commons", "english", "Con", "Lab")


def bundestag(n_seeds: int) -> list[str]:
    return speeches("bundestag", "german", "CDU/CSU", "SPD")


PARTS: dict[str, Callable[[int], list[str]]] = {
    "gadarian": gadarian,
    "sotu": sotu,
    "commons": commons,
    "bundestag": bundestag,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--parts", nargs="*", default=list(PARTS), choices=PARTS)
    parser.add_argument("--seeds", type=int, default=10, help="of the fits of gadarian")
    arguments = parser.parse_args()
    OUT.parent.mkdir(parents=True, exist_ok=True)
    for name in arguments.parts:
        lines = PARTS[name](arguments.seeds)
        if lines:
            OUT.with_name(f"real_{name}.md").write_text("\n".join(lines))
            print("\n".join(lines), flush=True)


if __name__ == "__main__":
    main()
