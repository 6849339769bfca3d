"""What holds for the package as a whole."""

import ast
import subprocess
import sys
from pathlib import Path

import topicgen

ROOT = Path(topicgen.__file__).parent
# A module imports only from rooms that stand before its own in this list.
FLOORS = [
    {"errors"},
    {"files", "randomness", "vocabulary"},
    {"corpus", "evaluation", "distributions"},
    {"gradients"},
    {"models"},
    {"training"},
    {"diagnostics"},
    {"posterior", "persistence", "parameters", "documents"},
    {"fitting", "inspection", "scoring"},
    {"topic_model"},
    {"comparison", "selection"},
    {"visualization"},
    {"cli"},
    {"__init__", "__main__"},
]
FLOOR = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}


def imports_of(path: Path) -> set[str]:
    rooms = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("topicgen"):
            names = node.module.split(".")[1:2] or [alias.name for alias in node.names]
            rooms.update(names)
    return rooms & FLOOR.keys()


def test_imports_go_downward():
    upward = []
    for path in ROOT.rglob("*.py"):
        room = path.relative_to(ROOT).parts[0].removesuffix(".py")
        assert room in FLOOR, f"{room} has no floor yet"
        upward += [
            f"{path.relative_to(ROOT)} imports {other}"
            for other in imports_of(path) - {room}
            if FLOOR[other] >= FLOOR[room]
        ]
    assert upward == []


def loaded_by(code: str) -> set[str]:
    program = f"{code}\nimport sys; print(*sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return {name.split(".")[0] for name in run.stdout.split()}


def test_import_loads_nothing_heavy():
    assert not loaded_by("import topicgen") & {"torch", "sklearn", "pandas", "gensim", "nltk"}


def test_core_does_without_the_optional_packages():
    code = (
        "import numpy as np\nfrom topicgen import TopicModel\n"
        "TopicModel(2, max_epochs=1).fit(np.ones((4, 3))).transform(np.ones((4, 3)))"
    )
    assert not loaded_by(code) & {"gensim", "nltk", "polars", "matplotlib", "click"}


def test_corpus_and_evaluation_do_without_torch():
    assert "torch" not in loaded_by("import topicgen.corpus, topicgen.evaluation")


HEAVY = {"torch", "sklearn", "pandas", "pyarrow", "gensim", "nltk"}


def test_corpora_load_libraries_on_first_use():
    assert not loaded_by("import topicgen.corpus") & {*HEAVY, "numpy", "scipy"}
    assert not loaded_by("from topicgen.corpus import Corpus, formats") & HEAVY


def test_converting_and_showing_corpora_does_without_heavy_libraries(tmp_path):
    """Not even for a corpus that remembers how its words were counted."""
    code = (
        "from topicgen.corpus import Document, Vectorizer, build_corpus\n"
        f"build_corpus([Document('bank rates', '1')], Vectorizer(), {str(tmp_path / 'c')!r})"
    )
    assert "sklearn" in loaded_by(code)
    for command in (
        ["convert", tmp_path / "c", tmp_path / "a.ldac"],
        ["convert", tmp_path / "a.ldac", tmp_path / "a.mtx"],
        ["convert", tmp_path / "a.mtx", tmp_path / "d", "--to", "topicgen"],
        ["info", tmp_path / "c"],
        ["info", tmp_path / "c", "--check", "--json"],
    ):
        words = ["corpus", *map(str, command)]
        code = (
            f"from topicgen.cli import main\ntry: main({words})\n"
            "except SystemExit as end: assert not end.code"
        )
        assert not loaded_by(code) & HEAVY, command


def test_nothing_is_pickled():
    banned = {"pickle", "cloudpickle", "joblib", "dill"}
    for path in ROOT.rglob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        names = {
            alias.name.split(".")[0]
            for node in ast.walk(tree)
            if isinstance(node, ast.Import)
            for alias in node.names
        } | {
            (node.module or "").split(".")[0]
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom)
        }
        assert not names & banned, path
        assert not any(
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and (node.value.id, node.attr) in {("torch", "save"), ("torch", "load")}
            for node in ast.walk(tree)
        ), path
