"""Follow Markdown pages as a reader would, from the wheel alone, and compare what they print.

    python scripts/check_readme.py
    python scripts/check_readme.py README.md docs/folder_to_dashboard.md
    python scripts/check_readme.py --wheel dist/topicgen-0.1.0-py3-none-any.whl
    python scripts/check_readme.py --python .venv/bin/python    # installs nothing

Builds the wheel (or takes one) and installs it, with the extras that the README names, into an
empty virtual environment. Then runs the examples of each page, in their order and without a
network, in an empty folder. Each section has a Python session of its own, so a reader may start at
any section if its files are there. Exits with status 1, and shows the differences, if an example
fails or prints anything but what the page shows; see markdown_examples.py for what an example is.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import groupby
from pathlib import Path

from environments import install
from markdown_examples import Example, difference, examples, extras

ROOT = Path(__file__).resolve().parents[1]
# Any attempt to reach the network fails at once.
OFFLINE = dict.fromkeys(("http_proxy", "https_proxy", "all_proxy"), "http://127.0.0.1:9")
# A progress bar draws over itself, and is gone from what a reader sees in the end.
PROGRESS = re.compile(r"(\r[^\r\n]*)+\n?")
# Runs one block for each line of JSON, and answers with a line of JSON.
SESSION = """
import contextlib, io, json, sys, traceback
names = {"__name__": "__main__"}
for line in sys.stdin:
    code, place = json.loads(line)
    printed, failed = io.StringIO(), False
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        try:
            exec(compile(code, place, "exec"), names)
        except BaseException:
            traceback.print_exc()
            failed = True
    print(json.dumps([printed.getvalue(), failed]), flush=True)
"""


class Reader:
    """Somebody who follows one section of a page, with a shell and one Python session."""

    def __init__(self, python: Path, folder: Path) -> None:
        self.python = str(python)
        self.folder = folder
        path = os.pathsep.join([str(python.parent), os.environ["PATH"]])
        self.environment = {**os.environ, **OFFLINE, "PATH": path, "PYTHONUNBUFFERED": "1"}
        self._session: subprocess.Popen | None = None

    def run(self, example: Example, place: str) -> tuple[str, bool]:
        """Return what an example prints, and whether it fails."""
        if example.language == "sh":
            command = ["bash", "-euo", "pipefail", "-c", example.code]
            done = subprocess.run(
                command,
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            )
            printed = done.stdout.decode("utf-8")  # as text, it would lose its carriage returns
            if done.returncode:
                return f"{printed}exit status {done.returncode}", True
            return printed, False
        if self._session is None:
            self._session = subprocess.Popen(
                [self.python, "-c", SESSION],
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                encoding="utf-8",
            )
        self._session.stdin.write(json.dumps([example.code, place]) + "\n")
        self._session.stdin.flush()
        printed, failed = json.loads(self._session.stdout.readline())
        return printed, failed

    def close(self) -> None:
        """End the Python session."""
        if self._session is not None:
            self._session.communicate()


def follow(page: Path, python: Path, folder: Path) -> Iterator[tuple[str, list[str]]]:
    """Run the examples of a page in a folder; yield a line on each, and what is wrong with it."""
    found = examples(page.read_text("utf-8"))
    for _, section in groupby(found, key=lambda example: example.section):
        with closing(Reader(python, folder)) as reader:
            for example in section:
                place = f"{page.name}:{example.line}"
                if example.needs:
                    yield f"{place}: not run: needs {example.needs}", []
                    continue
                printed, failed = reader.run(example, place)
                printed = PROGRESS.sub("", printed)
                if failed:
                    yield f"{place}: failed", printed.splitlines()
                elif example.expected is None:
                    yield f"{place}: ran", []
                else:
                    wrong = difference(example.expected, printed)
                    yield f"{place}: {'printed something else' if wrong else 'as shown'}", wrong


def build_wheel(folder: Path) -> Path:
    """Return a wheel of this checkout, written to a folder."""
    pip = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", folder, ROOT]
    subprocess.run(pip, check=True)
    (wheel,) = folder.glob("topicgen-*.whl")
    return wheel


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("pages", nargs="*", type=Path, default=[ROOT / "README.md"])
    parser.add_argument("--wheel", type=Path, help="a wheel of topicgen [default: build one]")
    parser.add_argument("--python", type=Path, help="use this Python as it is; install nothing")
    chosen = parser.parse_args(arguments)
    wrong = 0
    with tempfile.TemporaryDirectory(prefix="topicgen-") as name:
        folder = Path(name)
        # Not resolved: the path of a virtual environment's Python is how it finds its packages.
        python = chosen.python and chosen.python.absolute()
        if python is None:
            wheel = chosen.wheel or build_wheel(folder / "wheel")
            wanted = extras((ROOT / "README.md").read_text("utf-8"))
            what = f"{wheel.resolve()}{wanted}"
            scripts = install(what, folder / "environment", ROOT / "constraints.txt")
            python = scripts / "python"
            os.environ.pop("PYTHONPATH", None)  # the wheel alone
        for number, page in enumerate(chosen.pages):
            empty = folder / f"page-{number}"
            empty.mkdir()
            for line, details in follow(page, python, empty):
                print(line, *(f"    {detail}" for detail in details), sep="\n", flush=True)
                wrong += bool(details)
    if wrong:
        print(f"{wrong} {'example is' if wrong == 1 else 'examples are'} not as the page says")
        return 1
    print("everything is as the pages say")
    return 0


if __name__ == "__main__":
    sys.exit(main())
