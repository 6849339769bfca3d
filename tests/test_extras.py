"""Every use of an optional package, where that package is not installed."""

import ast
import configparser
import re
import sys
from functools import partial
from importlib.abc import MetaPathFinder
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

import topicgen
from topicgen import Corpus, TopicModel, Vectorizer, visualization
from topicgen.cli import main
from topicgen.cluster.ray_cluster import ray_cluster
from topicgen.corpus import formats
from topicgen.corpus.words.segmenters import SEGMENTERS
from topicgen.covariates import formula_variables
from topicgen.errors import InputError
from topicgen.extras import EXTRAS, install, needed
from topicgen.files import stores

SETUP = Path(__file__).parents[1] / "setup.cfg"


class Absence(MetaPathFinder):
    """Finds no module of some packages, as where they are not installed."""

    def __init__(self, packages):
        self.packages = packages

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in self.packages:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


@pytest.fixture
def without(monkeypatch):
    """``without(*packages)``: from here to the end of the test, they are not installed."""

    def hide(*packages):
        for name in [*sys.modules]:
            if name.partition(".")[0] in packages:
                monkeypatch.delitem(sys.modules, name)
        monkeypatch.setattr(sys, "meta_path", [Absence(packages), *sys.meta_path])

    return hide


def fit(**options):
    Vectorizer(min_df=1, **options).fit(["bank rates rose", "the team won"])


def fit_with_a_formula():
    metadata = pd.DataFrame({"x": [1, 2, 3, 4]})
    TopicModel(2, prevalence="~ x").fit(np.ones((4, 3)), metadata=metadata)


def fit_texts_with_a_formula():
    TopicModel(2, prevalence="~ x").fit(1 / 0 for _ in range(3))  # no text is read


def use_ray():
    with ray_cluster():
        pass


def make_a_bertopic():
    texts = ["bank rates rose", "the team won"] * 3
    TopicModel(2, max_epochs=1, random_state=0).fit(texts).to_bertopic(texts)


CORPUS = Corpus([[1, 2]], ["bank", "rate"], ["1"])
USES = {
    "prevalence": ("formulaic", "formulas need", fit_with_a_formula),
    "prevalence of texts": ("formulaic", "formulas need", fit_texts_with_a_formula),
    "formula": ("formulaic", "formulas need", lambda: formula_variables("~ x")),
    "phrases": ("gensim", "phrases need", lambda: fit(phrases=True)),
    "objects": ("gensim", "gensim's objects need", lambda: formats.to_gensim(CORPUS)),
    "reading": ("h5py", "the h5ad format needs", lambda: formats.read_corpus("a.h5ad")),
    "writing": ("h5py", "the h5ad format needs", lambda: formats.write_corpus(CORPUS, "b.h5ad")),
    "stemmer": ("nltk", "stemmers need", lambda: fit(stemmer="english")),
    "tokenizer": (
        "nltk",
        "the tokenizer 'nltk:wordpunct' needs",
        lambda: fit(tokenizer="nltk:wordpunct"),
    ),
    "lemmatizer": ("simplemma", "lemmatizers need", lambda: fit(lemmatizer="en")),
    "ray": ("ray", "a Ray cluster needs", use_ray),
    "anndata": ("anndata", "to_anndata needs", lambda: formats.to_anndata(CORPUS)),
    "bertopic": ("bertopic", "to_bertopic needs", make_a_bertopic),
    "s3": ("s3fs", "s3:// addresses need", lambda: stores.size("s3://bucket/a.csv")),
    "gs": ("gcsfs", "gs:// addresses need", lambda: stores.size("gs://bucket/a.csv")),
    **{
        name: (name, f"the tokenizer {name!r} needs", partial(fit, tokenizer=name))
        for name in SEGMENTERS
    },
}


def line(package, purpose):
    """Return the whole message about a missing package."""
    return f"{purpose} {package}, which is not installed: {install(package)}"


@pytest.mark.parametrize("use", USES)
def test_a_missing_package_is_named_with_its_extra(use, without, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("a.h5ad").write_bytes(b"\x89HDF\r\n\x1a\n")
    package, purpose, act = USES[use]
    without(package)
    with pytest.raises(InputError) as caught:
        act()
    assert str(caught.value) == line(package, purpose)
    assert not Path("b.h5ad").exists()


@pytest.mark.parametrize(
    "name", sorted({*visualization.__all__} - {"topic_positions", "topic_table"})
)
def test_a_figure_looks_for_its_package_first(name, without):
    without("matplotlib")
    arguments = (None, None) if name == "document" else (None,)
    with pytest.raises(InputError) as caught:
        getattr(visualization, name)(*arguments)
    assert str(caught.value) == line("matplotlib", "figures need")


COMMANDS = {
    "select-k news.csv --figure scores.png": ("matplotlib", "figures need"),
    "fit news.csv --prevalence ~subject -o out": ("formulaic", "formulas need"),
    "fit news.csv --phrases auto -o out": ("gensim", "phrases need"),
    "fit news.csv --stemmer english -o out": ("nltk", "stemmers need"),
    "fit news.csv --lemmatizer english -o out": ("simplemma", "lemmatizers need"),
    "fit news.csv --tokenizer jieba -o out": ("jieba", "the tokenizer 'jieba' needs"),
    "fit news.csv --engine ray --workers 2 -o out": ("ray", "a Ray cluster needs"),
    "fit s3://bucket/news.csv -o out": ("s3fs", "s3:// addresses need"),
    "fit news.csv -o gs://bucket/out": ("gcsfs", "gs:// addresses need"),
    "corpus build news.csv --phrases auto -o out --quiet": ("gensim", "phrases need"),
    "corpus build news.csv --engine ray --workers 2 -o out": ("ray", "a Ray cluster needs"),
    "corpus convert a.ldac out.h5ad": ("h5py", "the h5ad format needs"),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_ends_in_one_line_and_writes_nothing(command, without, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("news.csv").write_text(
        "text,subject\n" + "bank rates rose,money\nthe team won,sport\n" * 9
    )
    formats.write_corpus(CORPUS, "a.ldac")
    package, purpose = COMMANDS[command]
    before = sorted(tmp_path.rglob("*"))
    without(package)
    result = CliRunner().invoke(main, command.split())
    assert result.stderr == f"topicgen: error: {line(package, purpose)}\n"
    assert (result.exit_code, result.stdout) == (2, "")
    assert sorted(tmp_path.rglob("*")) == before


def test_a_package_that_is_there_but_broken_is_named_too():
    with (
        pytest.raises(InputError, match=r"jieba, which cannot be imported \(No module named 'x'\)"),
        needed("jieba", "the tokenizer 'jieba' needs"),
    ):
        raise ModuleNotFoundError("No module named 'x'", name="x")


def test_other_errors_pass():
    with pytest.raises(ZeroDivisionError), needed("jieba", "the tokenizer 'jieba' needs"):
        _ = 1 / 0


def packages_of(extra):
    """Return the names of the packages that an extra installs, those of its extras included."""
    setup = configparser.ConfigParser()
    setup.read(SETUP, "utf-8")
    found = set()
    for requirement in setup["options.extras_require"][extra].split("\n"):
        own = re.fullmatch(r"topicgen\[(.*)\]", requirement)
        if own:
            found.update(*map(packages_of, own[1].split(",")))
        elif requirement and not requirement.startswith("#"):
            found.add(re.match(r"[\w.-]+", requirement)[0])
    return found


def test_the_extras_install_what_the_messages_say():
    assert [name for name, extra in EXTRAS.items() if name not in packages_of(extra)] == []


def test_all_is_what_one_analyst_may_want():
    apart = {"ray", "s3fs", "gcsfs"}
    assert packages_of("all") == EXTRAS.keys() - apart


def test_what_is_imported_is_declared():
    """By setup.cfg, or by a package that it names."""
    setup = configparser.ConfigParser()
    setup.read(SETUP, "utf-8")
    core = set(re.findall(r"^[\w-]+", setup["options"]["install_requires"], re.M))
    core |= {"sklearn", "threadpoolctl", "fsspec"}  # the latter come with scikit-learn and torch
    found = set()
    for path in Path(topicgen.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                found.add((node.module or "").partition(".")[0])
    others = found - {*sys.stdlib_module_names, "topicgen", "triton", *core}
    # triton comes with torch; who asks for an object of anndata or BERTopic has them.
    assert others - {"anndata", "bertopic"} <= EXTRAS.keys()


@pytest.mark.slow
def test_what_most_users_do_needs_no_extra(without, tmp_path, monkeypatch):
    """``scripts/check_wheel.py`` runs the same where they are not installed."""
    monkeypatch.chdir(tmp_path)
    without(*EXTRAS)
    for command in (
        "corpus get sample",
        "fit sample.txt -k 2 --max-epochs 2 --stop-words german,english -o model",
        "topics model",
        "transform model sample.txt -o shares.csv",
        "evaluate model sample.txt",
        "report model sample.txt -o report.html",
        "edit model --rename 0=kitchen -o named",
        "compare model named sample.txt",
        "select-k sample.txt --grid 2,3 --seeds 2 --max-epochs 2",
    ):
        result = CliRunner().invoke(main, command.split())
        assert result.exit_code == 0, (command, result.stderr)
    model = TopicModel.load("model")
    assert model.transform(["bread and flour"]).shape == (1, 2)
