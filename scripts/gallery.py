"""The figures of docs/figures.md, from the BBC news and the State of the Union addresses.

    python scripts/gallery.py                    # six minutes of one core
    python scripts/gallery.py topic_map effects  # only some of them

Writes docs/images/gallery/*.png. The BBC articles come with the extra "demo" (corpora/bbc); the
addresses are sotu_paragraphs.csv.xz in $TOPICGEN_DATA/metadata, else ../shared/data/metadata, and
the figures that need them are skipped where it is missing. The same versions of the packages give
the same files.
"""

import argparse
import io
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure
from PIL import Image

from topicgen import TopicModel, select_k, visualization
from topicgen.corpus import Vectorizer, read_documents
from topicgen.corpus.catalog import find_card, locate

FOLDER = Path(__file__).parent.parent / "docs/images/gallery"
DPI = 150  # for a page; figures have 300 by themselves
ARTICLE = "entertainment/191.txt"
Draw = Callable[[], Figure]


@cache
def articles() -> pd.DataFrame:
    documents = read_documents(locate(find_card("bbc")))
    rows = [(one.id, one.label, one.text) for one in documents]
    return pd.DataFrame(rows, columns=["id", "section", "text"])


@cache
def news(**options: object) -> TopicModel:
    words = Vectorizer(stop_words="english", min_df=5)
    model = TopicModel(20, vectorizer=words, random_state=0, **options)
    return model.fit(articles()["text"].tolist())


def speeches_file() -> Path:
    folder = Path(os.environ.get("TOPICGEN_DATA", "../shared/data"))
    return folder / "metadata/sotu_paragraphs.csv.xz"


@cache
def speeches() -> pd.DataFrame:
    return pd.read_csv(speeches_file())


@cache
def addresses() -> TopicModel:
    return TopicModel(
        30,
        prevalence="~ party + delivery + s(date, df=12)",
        vectorizer=Vectorizer(stop_words="english", min_df=20),
        random_state=0,
    ).fit(speeches())


def topic_map() -> Figure:
    return visualization.topic_map(news())


def topic_words() -> Figure:
    return visualization.topic_words(news(), n=8)


def presence_and_amount() -> Figure:
    return visualization.presence_and_amount(news())


def topic_tree() -> Figure:
    return visualization.topic_tree(news(upper_components=(6, 2)))


def document() -> Figure:
    (text,) = articles().loc[articles()["id"] == ARTICLE, "text"]
    return visualization.document(news(), text)


def training() -> Figure:
    return visualization.training(news())


def per_class() -> Figure:
    table = news().topics_per_class(articles()["text"].tolist(), articles()["section"])
    return visualization.per_class(table, news())


def over_time() -> Figure:
    table = addresses().topics_over_time(speeches(), "date", freq="decade", cluster="id")
    return visualization.over_time(table, addresses())


def curves() -> Figure:
    table = addresses().predict_prevalence("date", cluster="id", simultaneous=True)
    largest = addresses().get_topic_info()["topic"][:6]
    return visualization.over_time(table, addresses(), topics=largest)


def effects() -> Figure:
    table = addresses().effects("share", cluster="id")
    terms = {
        "party[T.Republican]": "Republican, not Democratic",
        "party[T.Whig]": "Whig, not Democratic",
        "delivery[T.written]": "written, not spoken",
    }
    return visualization.effects(table, addresses(), terms=terms, kind="share")


def selection() -> Figure:
    model = TopicModel(vectorizer=Vectorizer(stop_words="english", min_df=5))
    texts = articles()["text"].tolist()
    return visualization.selection(select_k(texts, (5, 10, 20, 40, 80), estimator=model))


OF_NEWS: tuple[Draw, ...] = (
    topic_map,
    topic_words,
    presence_and_amount,
    topic_tree,
    document,
    training,
    per_class,
    selection,
)
OF_ADDRESSES: tuple[Draw, ...] = (over_time, curves, effects)


def write(figure: Figure, path: Path) -> None:
    """Write a picture of 64 colours, which take half the space of all of them."""
    drawn = io.BytesIO()
    figure.savefig(drawn, format="png", dpi=DPI)
    picture = Image.open(drawn).convert("RGB").quantize(64, dither=Image.Dither.NONE)
    picture.save(path, optimize=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    names = [draw.__name__ for draw in (*OF_NEWS, *OF_ADDRESSES)]
    parser.add_argument("figures", nargs="*", help=", ".join(names))
    wanted = parser.parse_args().figures or names
    if unknown := set(wanted) - set(names):
        parser.error(f"no figure {', '.join(sorted(unknown))}; choose from {', '.join(names)}")
    FOLDER.mkdir(parents=True, exist_ok=True)
    for draw in (*OF_NEWS, *OF_ADDRESSES):
        name = draw.__name__
        if name not in wanted:
            continue
        if draw in OF_ADDRESSES and not speeches_file().is_file():
            print(f"{name}: skipped, {speeches_file()} is missing")
            continue
        path = FOLDER / f"{name}.png"
        write(draw(), path)
        print(f"{name}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
