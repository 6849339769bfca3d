"""Measure what an installation takes: its size, its packages, and how long an import lasts.

Each revision is installed, with the requirements of its core only, in a virtual environment of its
own, and timed there in fresh processes, the revisions in turn. The times are the processor's, which
other programs disturb little; on an idle machine, one waits about as long. Prints a Markdown table:

    python scripts/measure_install.py 1154769 HEAD -c constraints.txt
"""

import argparse
import json
import resource
import statistics
import subprocess
import tempfile
from pathlib import Path

from environments import install, variables

ROOT = Path(__file__).parents[1]
PROGRAMS = {
    "`python -c pass`": ["python", "-c", "pass"],
    "`import topicgen`": ["python", "-c", "import topicgen"],
    "`topicgen --version`": ["topicgen", "--version"],
    "`topicgen --help`": ["topicgen", "--help"],
    "`import torch`": ["python", "-c", "import torch"],
    "`from topicgen import TopicModel`": ["python", "-c", "from topicgen import TopicModel"],
}
# Prints the bytes of each package that topicgen requires, and those that torch requires.
SIZES = """
import json
from importlib.metadata import distribution
from pip._vendor.packaging.requirements import Requirement
from pip._vendor.packaging.utils import canonicalize_name as canonical

def required(name, without=()):
    found, waiting = set(), [name]
    while waiting:
        name = canonical(waiting.pop())
        if name in found or name in without:
            continue
        found.add(name)
        for line in distribution(name).requires or []:
            requirement = Requirement(line)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                waiting.append(requirement.name)
    return found

def size(name):
    paths = (file.locate() for file in distribution(name).files)
    return sum(path.stat().st_size for path in paths if path.is_file())

rest = required("topicgen", without={"torch"})
print(json.dumps([{name: size(name) for name in names} for names in (rest, required("topicgen"))]))
"""


def main() -> None:
    """Print the table of the revisions of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("revisions", nargs="+", help="of git")
    parser.add_argument("-c", "--constraints", type=Path, help="versions for pip to choose")
    parser.add_argument("--runs", type=int, default=9, help="of each program; %(default)s")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="topicgen-install-") as folder:
        places = {
            revision: install_revision(revision, options.constraints, Path(folder, str(number)))
            for number, revision in enumerate(options.revisions)
        }
        rows = sizes(list(places.values())) | times(list(places.values()), options.runs)
    print("|", *(f"| {revision}" for revision in places), "|")
    print("|---|", "---:|" * len(places), sep="")
    for name, cells in rows.items():
        print("|", name, *(f"| {cell}" for cell in cells), "|")


def install_revision(revision: str, constraints: Path | None, folder: Path) -> Path:
    """Return the programs of a new environment with a revision and what its core requires."""
    source = folder / "source"
    source.mkdir(parents=True)
    archive = folder / "source.tar"
    subprocess.run(["git", "archive", "-o", archive, revision], cwd=ROOT, check=True)
    subprocess.run(["tar", "-xf", archive, "-C", source], check=True)
    return install(source, folder / "environment", constraints)


def sizes(places: list[Path]) -> dict[str, list[str]]:
    """Return the rows about what is installed."""
    rows: dict[str, list[str]] = {}
    for scripts in places:
        output = subprocess.run(
            [scripts / "python", "-c", SIZES],
            check=True,
            capture_output=True,
            text=True,
            cwd=scripts.parents[1],
            env=variables(),
        ).stdout
        rest, everything = json.loads(output)
        for name, found in (("without torch", rest), ("with torch", everything)):
            megabytes = sum(found.values()) / 1e6
            rows.setdefault(f"Packages {name}", []).append(str(len(found)))
            rows.setdefault(f"Size {name}", []).append(f"{megabytes:,.0f} MB")
    return rows


def times(places: list[Path], runs: int) -> dict[str, list[str]]:
    """Return the rows about how long programs take: medians of processor seconds."""
    rows = {}
    for name, (program, *arguments) in PROGRAMS.items():
        seconds: list[list[float]] = [[] for _ in places]
        for _ in range(runs + 1):
            for scripts, found in zip(places, seconds, strict=True):
                before = processor_seconds()
                subprocess.run(
                    [scripts / program, *arguments],
                    check=True,
                    capture_output=True,
                    cwd=scripts.parents[1],
                    env=variables(),
                )
                found.append(processor_seconds() - before)
        # The first run fills the caches of the system.
        rows[name] = [f"{statistics.median(found[1:]):.2f} s" for found in seconds]
    return rows


def processor_seconds() -> float:
    """Return how much of the processor the programs that have ended took."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
