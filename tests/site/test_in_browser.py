"""The site as a browser shows it: from files, without a network, on a screen and on a phone."""

import pytest

PAGES = [
    "index.html",
    "first_topics.html",
    "gallery.html",
    "methods.html",
    "scores.html",
    "cli/fit.html",
    "api/topic_model.html",
    "api/evaluation.html",
]


@pytest.fixture
def visit(watched, site):
    """``visit(page)``: the page, opened; nothing may go wrong in it or be asked of a network."""

    def visit(page, **options):
        return watched(f"{site.as_uri()}/{page}", site.as_uri(), **options)

    return visit


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("width", [1280, 390])
def test_pages(page, width, visit):
    opened = visit(page, width=width)
    assert opened.locator("h1").count() == 1
    assert opened.evaluate("document.documentElement.scrollWidth") <= width
    images = "[...document.images].filter(one => !one.complete || !one.naturalWidth).length"
    assert opened.evaluate(images) == 0


def test_search(visit):
    opened = visit("index.html")
    opened.locator("input[name=q]").fill("perplexity_interval")
    opened.locator("input[name=q]").press("Enter")
    found = opened.locator("#search-results ul.search li a").first
    found.wait_for(timeout=10_000)
    assert found.get_attribute("href").startswith("api/evaluation.html")
    found.click()
    assert "#topicgen.evaluation.perplexity_interval" in opened.url


def test_formulas_are_laid_out(visit):
    opened = visit("methods.html")
    fraction = opened.locator(".formula math mfrac").first
    above, below = (fraction.locator(f"xpath=*[{number}]").bounding_box() for number in (1, 2))
    assert above["y"] + above["height"] <= below["y"] + 1


def test_dark_theme(visit):
    light, dark = (
        visit("index.html", color_scheme=scheme).evaluate(
            "getComputedStyle(document.body).backgroundColor"
        )
        for scheme in ("light", "dark")
    )
    assert light != dark
