"""The examples of a Markdown page, and whether what they print is what the page shows.

An example is a block of ``sh`` or ``python``. A block without a language, or of ``text``, right
below it shows what it prints. In a ``console`` block, lines that start with ``$`` are commands, and
the lines below each show what it prints. A block that needs more than an installed topicgen says so
in its first line, to readers and to programs: ``# Needs a clone of the repository.``
"""

import difflib
import re
from dataclasses import dataclass

_HEADING_OR_BLOCK = re.compile(
    r"^## (?P<heading>[^\n]+)$"
    r"|^```(?P<language>\w*)\n(?P<code>.*?)^```$"
    r"(?:\s*^```(?:text)?\n(?P<output>.*?)^```$)?",
    re.MULTILINE | re.DOTALL,
)
_NEEDS = re.compile(r"# Needs (.+?)[.:]?$")


@dataclass(frozen=True)
class Example:
    """A block of a page, or a command of a ``console`` block.

    Attributes:
        section: The heading above it.
        line: The line of the page on which it starts.
        language: "sh" or "python".
        code: What to run.
        expected: What it should print, or None if the page does not show it.
        needs: What it needs to run, or None if it runs wherever topicgen is installed.
    """

    section: str
    line: int
    language: str
    code: str
    expected: str | None
    needs: str | None


def examples(page: str) -> list[Example]:
    """Return the examples of a page, in order."""
    found = []
    section = ""
    for match in _HEADING_OR_BLOCK.finditer(page):
        if match["heading"]:
            section = match["heading"]
            continue
        language, code = match["language"], match["code"]
        line = page.count("\n", 0, match.start("code")) + 1
        needed = _NEEDS.match(code.partition("\n")[0])
        needs = needed[1] if needed else None
        if language == "console":
            for offset, command, printed in _commands(code):
                found.append(Example(section, line + offset, "sh", command, printed, needs))
        elif language in ("sh", "python"):
            found.append(Example(section, line, language, code, match["output"], needs))
    return found


def _commands(code: str) -> list[tuple[int, str, str]]:
    """Return each command of a console block with its line and what it prints."""
    commands: list[tuple[int, str, str]] = []
    for number, line in enumerate(code.splitlines(keepends=True)):
        if line.startswith("$ "):
            commands.append((number, line[2:], ""))
        elif commands:
            start, command, printed = commands[-1]
            commands[-1] = (start, command, printed + line)
    return commands


def extras(page: str) -> str:
    """Return the extras of the page's first ``pip install`` of this package, such as "[all]"."""
    found = re.search(r"pip install .*?(?:\.|topicgen|\.whl)(\[[\w,-]+\])", page)
    return found[1] if found else ""


def difference(expected: str, printed: str) -> list[str]:
    r"""Return the lines of a diff, or nothing if the text printed is the one expected.

    Only spaces at the ends of lines may differ, and what the page leaves out: a line ``...`` stands
    for any lines, and ``...`` within a line for any characters.

    >>> difference("topic  words\n...\n", "topic  words\n0  bank\n1  team\n")
    []
    >>> difference("fitted in ... s", "fitted in 2.4 s")
    []
    >>> difference("2 topics", "3 topics")[-2:]
    ['-2 topics', '+3 topics']
    """
    wanted, got = (_lines(text) for text in (expected, printed))
    pattern = "".join(
        r"(?:.*\n)*" if line == "..." else ".*".join(map(re.escape, line.split("..."))) + r"\n"
        for line in wanted
    )
    if re.fullmatch(pattern, "".join(f"{line}\n" for line in got)):
        return []
    return list(difflib.unified_diff(wanted, got, "the page", "this run", n=99, lineterm=""))


def _lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.strip("\n").splitlines()]
