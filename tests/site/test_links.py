"""No link of the site or of the repository is broken, and the check finds those that are."""

from pathlib import Path

import check_site
import pytest

PAGE = '<html><body id="top"><a href="{}">a link</a></body></html>'


def faults(folder, page):
    (folder / "index.html").write_text(page)
    return check_site.check_site(folder).faults


def test_site(site):
    found = check_site.check_site(site)
    assert found.faults == []
    assert found.n_links > 1000


def test_repository():
    found = check_site.check_markdown(check_site.markdown_pages())
    assert found.faults == []
    assert found.n_links > 100


@pytest.mark.parametrize("address", ["", "#top", "index.html", "index.html#top", "mailto:a@b.c"])
def test_sound_links(address, tmp_path):
    assert faults(tmp_path, PAGE.format(address)) == []


def test_links_to_other_sites_are_listed(tmp_path):
    (tmp_path / "index.html").write_text(PAGE.format("https://example.org/"))
    found = check_site.check_site(tmp_path)
    assert found.faults == []
    assert found.external == {"https://example.org/"}


@pytest.mark.parametrize(
    ("page", "fault"),
    [
        (PAGE.format("other.html"), "index.html: other.html leads to no file"),
        (PAGE.format("#middle"), "index.html: #middle leads to no part of the page"),
        (PAGE.format("../../secret"), "index.html: ../../secret leads to no file"),
        ('<img src="cat.png">', "index.html: cat.png leads to no file"),
        ('<script src="https://cdn.org/a.js">', "index.html: loads https://cdn.org/a.js"),
        ('<link rel="stylesheet" href="//cdn.org/a.css">', "index.html: loads //cdn.org/a.css"),
    ],
)
def test_broken_links(page, fault, tmp_path):
    assert faults(tmp_path, page) == [fault]


def test_style_sheets_load_nothing_from_elsewhere(tmp_path):
    (tmp_path / "a.css").write_text("@font-face { src: url(https://fonts.org/a.woff2) }")
    assert faults(tmp_path, "") == ["a.css: loads https://fonts.org/a.woff2"]


def test_pages_of_the_repository(tmp_path, monkeypatch):
    monkeypatch.setattr(check_site, "ROOT", tmp_path)
    page = tmp_path / "README.md"
    page.write_text(
        "# A title, and `code`\n"
        "[a](#a-title-and-code) [b](#b) [c](c.md) [d](README.md#e) `[f](g)` ![h](README.md)\n"
        "```\n[i](j)\n```\n"
    )
    found = check_site.check_markdown(iter([Path(page)]))
    assert found.faults == [
        "README.md: #b leads to no heading",
        "README.md: c.md leads to no file",
        "README.md: README.md#e leads to no heading",
    ]
