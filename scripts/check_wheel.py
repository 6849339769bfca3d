"""Check a wheel as its users meet it: alone, in an empty environment, from an empty folder.

Makes a virtual environment outside the checkout, installs the wheel in it with its core
requirements only, and runs the program and the package in an empty folder, without anything that
could lead back to the checkout. ``make dist`` builds a wheel and runs this:

    python scripts/check_wheel.py dist/topicgen-0.1.0-py3-none-any.whl -c constraints.txt
"""

import argparse
import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

from environments import install, variables

# Commands in the order in which a user would give them, and something that each prints.
COMMANDS = {
    "topicgen --version": "topicgen {version}",
    "python -m topicgen --version": "topicgen {version}",
    "topicgen corpus get sample": "60 documents",
    "topicgen fit sample.txt -k 4 --seed 0 --max-epochs 30 -o model": "topic",
    "topicgen topics model": "topic",
    "topicgen transform model sample.txt -o shares.csv": "",
    "topicgen transform model sample.txt -o shares.parquet": "",
    "topicgen evaluate model sample.txt": "perplexity",
    "topicgen report model sample.txt -o report.html": "report.html",
    "topicgen edit model --rename 0=kitchen -o named": "kitchen",
    "topicgen fit sample.txt -k 4 --seed 1 --max-epochs 30 -o second": "topic",
    "topicgen compare model second sample.txt": "perplexity",
    "topicgen select-k sample.txt --grid 2,4 --seeds 2 --max-epochs 5": "topics",
    "topicgen fit german.csv --stop-words german --max-epochs 2 -k 2 -o third": "topic",
    "topicgen corpus get letters": "1,200 documents",
    "topicgen fit letters.csv -k 10 --max-epochs 3 -o letters": "topic",
    "topicgen corpus build sample.txt -o corpus": "",
    "topicgen corpus convert corpus corpus.ldac": "",
    "topicgen corpus info corpus": "60",
    "python program.py": "(60, 4)",
}
# Commands that need an extra, and which package it installs.
EXTRAS = {
    "topicgen select-k sample.txt --figure scores.png": ("figures", "matplotlib"),
    "topicgen fit letters.csv --prevalence ~district -o x": ("formulas", "formulaic"),
    "topicgen fit sample.txt --phrases auto -o x": ("gensim", "gensim"),
    "topicgen corpus convert corpus x.h5ad": ("h5ad", "h5py"),
    "topicgen fit sample.txt --stemmer english -o x": ("languages", "nltk"),
    "topicgen fit sample.txt --lemmatizer english -o x": ("languages", "simplemma"),
    "topicgen fit sample.txt --tokenizer nltk:wordpunct -o x": ("languages", "nltk"),
    "topicgen fit sample.txt --tokenizer jieba -o x": ("chinese", "jieba"),
    "topicgen fit sample.txt --tokenizer janome -o x": ("japanese", "janome"),
    "topicgen fit sample.txt --tokenizer khmercut -o x": ("khmer", "khmercut"),
    "topicgen fit sample.txt --tokenizer laonlp -o x": ("lao", "laonlp"),
    "topicgen fit sample.txt --tokenizer pythainlp -o x": ("thai", "pythainlp"),
    "topicgen fit sample.txt --engine ray --workers 2 -o x": ("ray", "ray"),
    "topicgen fit s3://bucket/news.csv -o x": ("stores", "s3fs"),
    "topicgen fit sample.txt -o gs://bucket/x": ("stores", "gcsfs"),
}
# In the encoding of old Windows programs, which is guessed.
GERMAN = "text\n" + "die straße und der bäcker\ndas öl und die bücher\n" * 10
PROGRAM = """
from importlib.metadata import distribution, version
from pathlib import Path
import sys
import topicgen
from topicgen import TopicModel

home = Path(topicgen.__file__).parent
assert home.is_relative_to(sys.prefix), home
assert topicgen.__version__ == version("topicgen")
assert (home / "py.typed").is_file()
names = {Path(str(file)).name for file in distribution("topicgen").files}
assert {"LICENSE", "THIRD_PARTY_NOTICES.md"} <= names

texts = Path("sample.txt").read_text("utf-8").splitlines()
model = TopicModel(4, max_epochs=5, random_state=0)
shares = model.fit_transform(texts)
assert model.transform(texts).shape == shares.shape
assert len(model.top_words()) == 4
print(shares.shape)
"""


def main() -> None:
    """Check the wheel of the command line, and end with status 1 at the first fault."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("wheel", type=Path)
    parser.add_argument("-c", "--constraints", type=Path, help="versions for pip to choose")
    options = parser.parse_args()
    wheel = options.wheel.resolve()
    with tempfile.TemporaryDirectory(prefix="topicgen-wheel-") as folder:
        scripts = install(wheel, Path(folder, "environment"), options.constraints)
        subprocess.run(
            [str(scripts / "python"), "-m", "pip", "check"], check=True, env=clean(scripts)
        )
        work = Path(folder, "work")
        work.mkdir()
        check(scripts, work, wheel.name.split("-")[1])
    print(f"{wheel.name}: {len(COMMANDS)} commands work, {len(EXTRAS)} name their extra")


def clean(scripts: Path) -> dict[str, str]:
    """Return the variables of the environment, with its programs and the system's alone."""
    return variables() | {"PATH": f"{scripts}{os.pathsep}{os.defpath}"}


def check(scripts: Path, work: Path, version: str) -> None:
    """Run all commands in an empty folder."""
    (work / "german.csv").write_text(GERMAN, "cp1252")
    (work / "program.py").write_text(PROGRAM, "utf-8")
    for command, expected in COMMANDS.items():
        status, output, errors = run(command, scripts, work)
        expected = expected.format(version=version)
        if status or expected not in output + errors:
            fail(command, f"status 0, and {expected!r} in what it prints", status, output, errors)
    before = sorted(work.rglob("*"))
    for command, (extra, package) in EXTRAS.items():
        status, output, errors = run(command, scripts, work)
        expected = f" {package}, which is not installed: pip install 'topicgen[{extra}]'\n"
        if status != 2 or output or errors.count("\n") != 1 or not errors.endswith(expected):
            fail(command, f"status 2, and one line that ends in {expected!r}", status, errors)
    if sorted(work.rglob("*")) != before:
        fail("the commands without their extras", "nothing written", *work.rglob("*"))


def run(command: str, scripts: Path, work: Path) -> tuple[int, str, str]:
    """Return the exit status of a command, and what it printed to its two streams."""
    program, *arguments = shlex.split(command)
    done = subprocess.run(
        [str(scripts / program), *arguments],
        cwd=work,
        env=clean(scripts),
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout, done.stderr


def fail(command: str, expected: str, *found: object) -> None:
    """End the program, and say what was expected and what came."""
    sys.exit("\n".join([f"{command}: expected {expected}, got", *map(str, found)]))


if __name__ == "__main__":
    main()
