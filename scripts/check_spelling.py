"""Check the spelling of the pages, and of the text in the code.

    python scripts/check_spelling.py

Two checks: codespell looks for common misspellings in every file (its exceptions are in setup.cfg),
and every word of the prose of README.md, docs/**/*.md, the notebooks and the other pages has to
be in a dictionary of English, British or American, or in docs/words.txt. Code, formulas, names in
backquotes and addresses are not prose; nor are names, which begin with a capital letter.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from check_site import FENCE, markdown_pages
from spellchecker import SpellChecker

ROOT = Path(__file__).parent.parent
# Tables of words in other languages, and of stems.
NOT_ENGLISH = {"real_bundestag.md", "real_commons.md", "real_gadarian.md", "real_sotu.md"}
NOT_PROSE = [
    FENCE,
    re.compile(r"^---\n.*?^---\n", re.DOTALL | re.MULTILINE),
    re.compile(r"\$\$.*?\$\$", re.DOTALL),
    re.compile(r"\$[^$\n]+\$"),
    re.compile(r"(``?)[^`]+\1"),
    re.compile(r"<[^>]+>"),
    re.compile(r"\]\([^)]*\)"),  # where a link leads
    re.compile(r"https?://\S+"),
    re.compile(r"^(?: {4}|\t|>>>|\.\.\.).*$", re.MULTILINE),  # blocks of code
    re.compile(r"^\[[^\]]+\]:.*$", re.MULTILINE),
    re.compile(r"\b[\w.-]*(?:[\d_/]|\w\.\w)[\w./-]*"),  # files, versions, names in code
]
WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*")


def prose(text: str) -> str:
    """Return a page without what is no prose, with its lines where they were."""
    for pattern in NOT_PROSE:
        text = pattern.sub(lambda match: " " + "\n" * match.group().count("\n"), text)
    return text


def words_of(text: str) -> Iterator[tuple[int, str]]:
    """Yield the words of a page that may be misspelt, each with its line."""
    for number, line in enumerate(prose(text).splitlines(), 1):
        for word in WORD.findall(line):
            bare = re.sub(r"['\u2019](s|t|d|ll|re|ve)$|['\u2019]$", "", word)
            if bare.islower() and len(bare) > 2:
                yield number, bare


def unknown_words() -> Iterator[str]:
    """Yield each word of the pages that is in no dictionary, with its place."""
    dictionary = SpellChecker(language="en")
    own = re.sub(r"#.*", "", (ROOT / "docs/words.txt").read_text("utf-8")).split()
    dictionary.word_frequency.load_words(own)
    for path in [*markdown_pages(), *sorted((ROOT / "docs/tutorials").glob("*.ipynb"))]:
        if path.name in NOT_ENGLISH:
            continue
        for number, word in words_of(text_of(path)):
            if word not in dictionary and not _is_compound(word, dictionary):
                yield f"{path.relative_to(ROOT)}:{number}: {word}"


def text_of(path: Path) -> str:
    """Return a page, or the text between the code of a notebook."""
    text = path.read_text("utf-8")
    if path.suffix != ".ipynb":
        return text
    cells = json.loads(text)["cells"]
    return "\n\n".join("".join(one["source"]) for one in cells if one["cell_type"] == "markdown")


def _is_compound(word: str, dictionary: SpellChecker) -> bool:
    """Whether a word is known with an ending that any verb, noun or adjective may have."""
    return any(
        word.endswith(end) and word[: -len(end)] + other in dictionary
        for end, other in (("s", ""), ("ly", ""), ("ness", ""), ("ise", "ize"), ("ised", "ized"))
    )


def main() -> None:
    unknown = list(unknown_words())
    print(*unknown, sep="\n", end="\n" if unknown else "")
    if unknown:
        print("correct these words, or add them to docs/words.txt", file=sys.stderr)
    misspelt = subprocess.run([sys.executable, "-m", "codespell_lib"], cwd=ROOT, check=False)
    sys.exit(1 if unknown or misspelt.returncode else 0)


if __name__ == "__main__":
    main()
