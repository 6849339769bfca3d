"""What the README and the walkthroughs show is what they print."""

import re
import sys
from pathlib import Path

import pytest
from check_readme import follow, main
from markdown_examples import difference, examples, extras

ROOT = Path(__file__).parents[2]
PAGES = [
    "README.md",
    "docs/distributions.md",
    "docs/first_topics.md",
    "docs/folder_to_dashboard.md",
    "docs/spreadsheet_to_paper.md",
]

PAGE = """# A page

```sh
# Needs a clone of the repository.
pip install '.[figures,formulas]'
```

## In Python

```python
x = 1
print(x)
```

```
1
```

```python
print(x + 1)
```

Prose.

```text
not an output
```

## In a shell

```console
$ echo one
one
$ true
```
"""


def test_examples():
    found = examples(PAGE)
    assert [(one.section, one.line, one.language) for one in found] == [
        ("", 4, "sh"),
        ("In Python", 11, "python"),
        ("In Python", 20, "python"),
        ("In a shell", 32, "sh"),
        ("In a shell", 34, "sh"),
    ]
    assert [one.expected for one in found] == [None, "1\n", None, "one\n", ""]
    assert [one.needs for one in found] == ["a clone of the repository", None, None, None, None]
    assert found[1].code == "x = 1\nprint(x)\n"
    assert found[3].code == "echo one\n"


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        (PAGE, "[figures,formulas]"),
        ("pip install dist/topicgen-0.1.0-py3-none-any.whl[all]", "[all]"),
        ("pip install .", ""),
    ],
)
def test_extras(page, expected):
    assert extras(page) == expected


@pytest.mark.parametrize(
    ("expected", "printed"),
    [
        ("a\nb\n", "a  \nb\n\n"),
        ("a\n...\nd\n", "a\nb\nc\nd\n"),
        ("a\n...\nb\n", "a\nb\n"),
        ("...\nb\n", "a\nb\n"),
        ("took ... s\n", "took 1.5 s\n"),
        ("", ""),
    ],
)
def test_same(expected, printed):
    assert difference(expected, printed) == []


@pytest.mark.parametrize(
    ("expected", "printed"),
    [
        ("a\n", "b\n"),
        ("a\n", ""),
        ("", "a\n"),
        ("a\n...\nd\n", "a\nb\nc\n"),
        ("took ... s\n", "took 1.5\ns\n"),
        ("a.c\n", "abc\n"),
        ("a  b\n", "a b\n"),
    ],
)
def test_different(expected, printed):
    assert difference(expected, printed)


def test_a_page_is_followed(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(PAGE)
    assert list(follow(page, Path(sys.executable), tmp_path)) == [
        ("page.md:4: not run: needs a clone of the repository", []),
        ("page.md:11: as shown", []),
        ("page.md:20: ran", []),
        ("page.md:32: as shown", []),
        ("page.md:34: as shown", []),
    ]


def test_sections_have_sessions_of_their_own(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("## A\n```python\nx = 1\n```\n## B\n```python\nx\n```\n")
    (_, first), (line, second) = follow(page, Path(sys.executable), tmp_path)
    assert not first
    assert line == "page.md:7: failed"
    assert second[-1] == "NameError: name 'x' is not defined"


def test_commands_may_not_fail(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("```sh\nfalse\n```\n")
    assert list(follow(page, Path(sys.executable), tmp_path)) == [
        ("page.md:2: failed", ["exit status 1"])
    ]


def test_a_difference_is_shown(tmp_path, capsys):
    page = tmp_path / "page.md"
    page.write_text("```python\nprint(2)\n```\n\n```\n1\n```\n")
    assert main([str(page), "--python", sys.executable]) == 1
    printed = capsys.readouterr().out
    assert "page.md:2: printed something else\n" in printed
    assert "    -1\n    +2\n1 example is not as the page says" in printed


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_pages(page, tmp_path):
    """With the packages of the tests; scripts/check_readme.py does it from the wheel alone."""
    followed = follow(ROOT / page, Path(sys.executable), tmp_path)
    assert [(line, details) for line, details in followed if details] == []
    text = (ROOT / page).read_text("utf-8")
    made = re.findall(r"`([\w-]+\.(?:csv|parquet|png|pdf|svg|html))`", text)
    assert [name for name in made if not (tmp_path / name).is_file()] == []
