"""What holds for the package as a whole."""

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path
from typing import NamedTuple

import pytest

import topicgen

ROOT = Path(topicgen.__file__).parent
# A module imports only from rooms that stand before its own in its list.
FLOORS = {
    "topicgen": [
        {"lazy", "plain", "version"},
        {"errors"},
        {"extras"},
        {
            "arrays",
            "cluster",
            "files",
            "kernels",
            "mapped",
            "prefixes",
            "progress",
            "randomness",
            "spreadsheet",
            "vocabulary",
        },
        {"html", "rows"},
        {"counts"},
        {"corpus", "covariates", "evaluation", "distributions"},
        {"effects", "gradients"},
        {"models"},
        {"training"},
        {"effects"},
        {"topic_model"},
        {"comparison", "selection"},
        {"visualization"},
        {"reporting"},
        {"cli"},
        {"__init__", "__main__"},
    ],
    "topicgen.corpus": [
        {"wording", "missing"},
        {"document", "counts", "row_numbers"},
        {"metadata", "duplicates", "splits", "unknown"},
        {"reading", "words", "storage"},
        {"counting"},
        {"recipe", "naming", "advice"},
        {"word_counter"},
        {"shard_counts", "vectorizer"},
        {"corpus"},
        {"build", "build_in_parts", "catalog", "formats", "summary"},
        {"__init__"},
    ],
    "topicgen.covariates": [
        {"dates", "labels", "splines", "wording"},
        {"coding", "columns", "identifiable", "transforms"},
        {"grammar", "matrices", "variables"},
        {"evaluation"},
        {"expressions"},
        {"formulas"},
        {"design"},
        {"averages", "extrapolation"},
        {"__init__"},
    ],
    "topicgen.effects": [
        {"draws", "group_tokens", "group_words", "quantities", "timestamps"},
        {
            "change_points",
            "content",
            "group_table",
            "over_time",
            "per_class",
            "regression",
        },
        {"imputed"},
        {"tables"},
        {"__init__"},
    ],
    "topicgen.topic_model": [
        {
            "diagnostics",
            "edits",
            "given_latents",
            "intervals",
            "kept",
            "measure_names",
            "occurrence",
            "passages",
            "responsibilities",
            "seed_words",
            "states",
            "streams",
            "text_frames",
            "word_vectors",
        },
        {"columns", "embeddings", "prevalence", "topics", "word_measures"},
        {"encoder_input"},
        {"fitted"},
        {"soundness"},
        {
            "changes",
            "completion",
            "diagnosis",
            "documents",
            "former",
            "inference",
            "inspection",
            "parameters",
            "persistence",
        },
        {"devices", "notebook", "embedded"},
        {"draws", "settings", "scoring", "simulation"},
        {"content", "identity", "posterior", "to_bertopic"},
        {"explanation", "groups", "outcome", "representatives", "saving", "similar"},
        {"screening"},
        {"last_documents"},
        {"climbing", "settling"},
        {"editing", "fitting"},
        {"facade"},
        {"estimator"},
        {"__init__"},
    ],
}


class Import(NamedTuple):
    """``from module import names``, by the module at ``path``."""

    path: Path
    module: str
    names: tuple[str, ...]


def imports(path: Path, *, with_types: bool = True) -> list[Import]:
    """Return what a module of topicgen imports of topicgen, also inside functions."""
    tree = ast.parse(path.read_text("utf-8"))
    for_types = {
        node
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and ast.unparse(block.test) == "TYPE_CHECKING"
        for node in ast.walk(block)
    }
    return [
        Import(path, node.module, tuple(alias.name for alias in node.names))
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        and (node.module or "").split(".")[0] == "topicgen"
        and (with_types or node not in for_types)
    ]


def rooms_of(imported: Import, package: str) -> set[str]:
    """Return the rooms of a package that an import is from."""
    module = imported.module.removeprefix(package)
    if module == imported.module:
        return set()
    return {module.split(".")[1]} if module else set(imported.names)


@pytest.mark.parametrize("package", FLOORS)
def test_imports_go_downward(package):
    floor = {room: number for number, rooms in enumerate(FLOORS[package]) for room in rooms}
    home = ROOT.joinpath(*package.split(".")[1:])
    upward = []
    for path in home.rglob("*.py"):
        room = path.relative_to(home).parts[0].removesuffix(".py")
        assert room in floor, f"{room} has no floor yet"
        for imported in imports(path):
            upward += [
                f"{path.relative_to(ROOT)} imports {other}"
                for other in (rooms_of(imported, package) & floor.keys()) - {room}
                if floor[other] >= floor[room]
            ]
    assert upward == []


PACKAGES = sorted(
    ".".join(path.parent.relative_to(ROOT.parent).parts) for path in ROOT.rglob("__init__.py")
)


@pytest.mark.parametrize("package", PACKAGES)
def test_rooms_of_a_package_have_an_order(package):
    """No two rooms need each other, directly or by way of others."""
    home = ROOT.parent.joinpath(*package.split("."))
    needs = {}
    for path in home.rglob("*.py"):
        room = path.relative_to(home).parts[0].removesuffix(".py")
        if room == "__init__":  # the package's own face, which may show them all
            continue
        found = (rooms_of(one, package) for one in imports(path, with_types=False))
        needs.setdefault(room, set()).update(*found)
    needs = {room: others & needs.keys() - {room} for room, others in needs.items()}
    assert list(TopologicalSorter(needs).static_order())


def test_a_file_of_the_corpus_has_a_name_of_its_own():
    names = [path.stem for path in (ROOT / "corpus").rglob("*.py") if path.stem != "__init__"]
    assert len(names) == len(set(names))


def test_private_names_stay_in_their_module():
    private = [
        f"{path.relative_to(ROOT)} imports {name} from {one.module}"
        for path in ROOT.rglob("*.py")
        for one in imports(path)
        for name in (*one.names, *one.module.split("."))
        if name.startswith("_") and not name.startswith("__")
    ]
    assert private == []


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


@pytest.mark.slow
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


def test_commands_print_through_one_door():
    """What a terminal would obey is escaped there."""
    printing = {"echo", "secho", "print"}
    for path in (ROOT / "cli").glob("*.py"):
        called = {
            getattr(node.func, "attr", getattr(node.func, "id", None))
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(node, ast.Call)
        }
        assert path.stem == "messages" or not called & printing, path


def test_messages_quote_through_one_door():
    """``{value!r}`` shows data of any length; constants of our own may be shown so."""
    lengthy = []
    for path in ROOT.rglob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        reprs = {
            node
            for function in ast.walk(tree)
            if isinstance(function, ast.FunctionDef) and function.name in ("__repr__", "lazy_names")
            for node in ast.walk(function)
        }
        for node in {*ast.walk(tree)} - reprs:
            if isinstance(node, ast.FormattedValue) and node.conversion == ord("r"):
                shown = ast.unparse(node.value)
                if not shown.partition(".")[0].isupper():
                    lengthy.append(f"{path.relative_to(ROOT)}: {shown}")
    assert lengthy == []


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
