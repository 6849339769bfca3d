"""Draw the pictures of the report page in docs/images, from the corpus ``letters``.

    python scripts/report_screenshots.py

Needs Chromium, playwright and pillow.
"""

import shutil
import tempfile
from pathlib import Path

import pandas as pd
from PIL import Image

from topicgen import TopicModel
from topicgen.corpus.catalog import find_card, locate
from topicgen.reporting import report

FOLDER = Path(__file__).parent.parent / "docs" / "images"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
COLOURS = 96  # enough for text and flat colours
NAMES = {  # by a word among the first ten of each topic
    "bus": "buses",
    "cycle": "cycling",
    "doctor": "health centre",
    "rent": "housing",
    "school": "schools",
    "swan": "parks and dogs",
    "bar": "noise",
    "bins": "rubbish",
    "library": "library",
    "flood": "flooding",
}


def make_page() -> str:
    """Return the page of a model of 10 topics with names."""
    letters = pd.read_csv(locate(find_card("letters"))).set_index("id")
    model = TopicModel(10, prevalence="~ district + channel + s(date)", random_state=0)
    model.fit(letters)
    words = model.top_words()
    found = {word: next(k for k, top in enumerate(words) if word in top) for word in NAMES}
    model.rename({found[word]: name for word, name in NAMES.items()})
    title = "Letters to the council of Wrenmouth, 2019 to 2024"
    return report(model, letters, title=title).html


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
    page.evaluate("k => { location.hash = `#topic-${k}`; }", topic_about(page, "flooding"))
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

    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        path = Path(folder, "report.html")
        path.write_text(make_page(), encoding="utf-8")
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=ARGUMENTS
        )
        shoot(browser, path, "report-desktop", 1440, 1250, color_scheme="light")
        shoot(browser, path, "report-phone", 360, 900, color_scheme="dark", scale=2)
        browser.close()
