"""Check the links of the site, and those of the Markdown pages of the repository.

    python scripts/check_site.py build/docs     # what `make docs` has built
    python scripts/check_site.py                # README.md, docs/**/*.md and the other pages

Every link within the site has to lead to a file that is there and, where it names a part of a page,
to an element with this id. No page may load anything from elsewhere. Links to other sites are
counted and, with --external, listed; nothing is fetched.
"""

import argparse
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

ROOT = Path(__file__).parent.parent
# Attributes whose address the browser loads with the page.
LOADED = {"src", "srcset", "poster", "data"}
LOADING_LINKS = {"stylesheet", "icon", "preload", "modulepreload", "manifest", "prefetch"}
FENCE = re.compile(r"^(```+|~~~+|:::+\s*\{literalinclude).*?^\1\s*$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`[^`\n]*`")
# [text](address), ![text](address) and <img src="address">; the text may have one picture in it.
LINK = re.compile(r"\]\(\s*<?([^)\s>]+)>?[^)]*\)|<(?:img|a)[^>]*?(?:src|href)=\"([^\"]+)\"")
IN_STYLE = re.compile(r"url\(\s*['\"]?([^'\")]+)|@import\s+['\"]([^'\"]+)")


@dataclass
class Page(HTMLParser):
    """The links of a page of HTML, what it loads, and the ids of its elements."""

    links: list[str] = field(default_factory=list)
    loaded: list[str] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Keep what an element links to, what it loads and its id."""
        found = {name: value or "" for name, value in attributes}
        self.ids |= {found[name] for name in ("id", "name") if name in found}
        self.loaded += [found[name] for name in LOADED & found.keys() if tag != "object"]
        if "href" in found:
            loads = tag == "link" and LOADING_LINKS & set(found.get("rel", "").split())
            (self.loaded if loads else self.links).append(found["href"])


@cache
def page_of(path: Path) -> Page:
    page = Page()
    page.feed(path.read_text("utf-8"))
    return page


@dataclass
class Found:
    """What is wrong, and which other sites are linked to."""

    faults: list[str] = field(default_factory=list)
    external: set[str] = field(default_factory=set)
    n_links: int = 0


def check_site(folder: Path) -> Found:
    """Check every page and every style sheet of a site."""
    folder, found = folder.resolve(), Found()
    for path in sorted(folder.rglob("*.html")):
        page = page_of(path)
        for address in page.loaded:
            _check(path, address, folder, found, is_loaded=True)
        for address in page.links:
            _check(path, address, folder, found)
    for path in sorted(folder.rglob("*.css")):
        for groups in IN_STYLE.findall(path.read_text("utf-8")):
            _check(path, "".join(groups), folder, found, is_loaded=True)
    return found


def _check(
    path: Path, address: str, folder: Path, found: Found, *, is_loaded: bool = False
) -> None:
    found.n_links += 1
    where = path.relative_to(folder)
    parts = urlsplit(address)
    if parts.scheme in ("mailto", "data", "javascript"):
        return
    if parts.scheme or parts.netloc:
        found.external.add(address)
        if is_loaded:
            found.faults.append(f"{where}: loads {address}")
        return
    target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if target.is_dir():
        target /= "index.html"
    if not target.is_file() or not target.is_relative_to(folder):
        found.faults.append(f"{where}: {address} leads to no file")
    elif target.suffix == ".html" and not _has_part(parts.fragment, page_of(target).ids):
        found.faults.append(f"{where}: {address} leads to no part of the page")


def _has_part(fragment: str, ids: set[str]) -> bool:
    return not fragment or unquote(fragment) in ids


def markdown_pages() -> Iterator[Path]:
    """Yield the Markdown pages of the repository."""
    yield from sorted(ROOT.glob("*.md"))
    for folder in ("docs", "corpora"):
        yield from sorted((ROOT / folder).rglob("*.md"))


def check_markdown(pages: Iterator[Path]) -> Found:
    """Check the links between Markdown pages as a reader of the repository follows them."""
    found = Found()
    for path in pages:
        for groups in LINK.findall(_prose(path.read_text("utf-8"))):
            address = "".join(groups)
            found.n_links += 1
            parts = urlsplit(address)
            if parts.scheme or parts.netloc:
                found.external.add(address)
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            where = path.relative_to(ROOT)
            if not target.exists() or not target.is_relative_to(ROOT.resolve()):
                found.faults.append(f"{where}: {address} leads to no file")
            elif target.suffix == ".md" and not _has_part(parts.fragment, anchors(target)):
                found.faults.append(f"{where}: {address} leads to no heading")
    return found


def _prose(text: str) -> str:
    return CODE.sub("``", FENCE.sub("", text))


@cache
def anchors(path: Path) -> set[str]:
    """Return the anchors of a page's headings, as they are made on GitHub."""
    found: dict[str, int] = {}
    names = set()
    for heading in re.findall(
        r"^#{1,6}\s+(.*?)\s*#*$", FENCE.sub("", path.read_text("utf-8")), re.M
    ):
        text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        name = re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
        names.add(name if name not in found else f"{name}-{found[name]}")
        found[name] = found.get(name, 0) + 1
    return names


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("site", nargs="?", type=Path, help="the folder of a site that is built")
    parser.add_argument("--external", action="store_true", help="list the links to other sites")
    arguments = parser.parse_args()
    if arguments.site is None:
        found = check_markdown(markdown_pages())
    elif (arguments.site / "index.html").is_file():
        found = check_site(arguments.site)
    else:
        parser.error(f"{arguments.site} has no index.html; build the site with `make docs`")
    for fault in found.faults:
        print(fault, file=sys.stderr)
    print(
        f"{found.n_links:,} links, {len(found.faults)} broken, "
        f"{len(found.external)} to other sites (not followed)"
    )
    if arguments.external:
        print(*sorted(found.external), sep="\n")
    sys.exit(1 if found.faults else 0)


if __name__ == "__main__":
    main()
