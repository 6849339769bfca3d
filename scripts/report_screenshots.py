"""Draw the pictures of the report page in docs/images, from the State of the Union addresses.

    python scripts/report_screenshots.py [TABLE]

TABLE holds the paragraphs of the addresses, which are in the public domain, with their dates and
the presidents' parties; by default it is $TOPICGEN_DATA/metadata/sotu_paragraphs.csv.xz. Needs
Chromium, playwright and pillow.
"""

import os
import shutil
import sys
import tempfile
from pathlib import Path

import pandas as pd
from PIL import Image

from topicgen import TopicModel, Vectorizer
from topicgen.reporting import report

FOLDER = Path(__file__).parent.parent / "docs" / "images"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
COLOURS = 96  # enough for text and flat colours


def make_page(table: str) -> str:
    """Return the page of a model of 30 topics."""
    speeches = pd.read_csv(table)
    model = TopicModel(
        30,
        prevalence="~ party + s(date, df=12)",
        vectorizer=Vectorizer(stop_words="english", min_df=20),
        random_state=0,
    ).fit(speeches)
    speeches = speeches.set_index("id")[["text", "date", "party", "president"]]
    title = "State of the Union addresses, 1790 to 2026"
    return report(model, speeches, title=title).html


def topic_about(page, word: str) -> str:
    """Return the number of the topic with a word among its names."""
    link = page.locator("#index a", has_text=word).first
    return link.get_attribute("data-topic")


def shoot(browser, path: Path, name: str, width: int, height: int, **options) -> None:
    scale = options.pop("scale", 1)
    page = browser.new_page(
        viewport={"width": width, "height": height}, device_scale_factor=scale, **options
    )
    page.goto(path.as_uri())
    page.wait_for_selector("html[data-ready]")
    page.evaluate("k => { location.hash = `#topic-${k}`; }", topic_about(page, "navy"))
    page.evaluate("() => document.activeElement.blur()")
    top = "html" if width > 600 else ".workspace"
    page.evaluate("top => document.querySelector(top).scrollIntoView()", top)
    page.wait_for_timeout(300)
    target = FOLDER / f"{name}.png"
    page.screenshot(path=target)
    page.close()
    picture = Image.open(target).convert("RGB")
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(target, optimize=True)
    print(f"{target}: {target.stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    from playwright.sync_api import sync_playwright

    data = Path(os.environ.get("TOPICGEN_DATA", "data"))
    table = sys.argv[1] if len(sys.argv) > 1 else data / "metadata" / "sotu_paragraphs.csv.xz"
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        path = Path(folder, "report.html")
        path.write_text(make_page(str(table)), encoding="utf-8")
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=ARGUMENTS
        )
        shoot(browser, path, "report-desktop", 1440, 1250, color_scheme="light")
        shoot(browser, path, "report-phone", 360, 900, color_scheme="dark", scale=2)
        browser.close()
