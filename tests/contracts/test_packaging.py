"""What several files say about the package is the same in all of them."""

import configparser
import re
from pathlib import Path

import check_wheel
import pytest
import yaml

import topicgen
from topicgen.extras import EXTRAS

ROOT = Path(__file__).parents[2]
IN_CONDA = {"matplotlib": "matplotlib-base", "ray": "ray-core", "torch": "pytorch"}


@pytest.fixture(scope="module")
def setup():
    found = configparser.ConfigParser()
    found.read(ROOT / "setup.cfg", "utf-8")
    return found


@pytest.fixture(scope="module")
def recipe():
    return yaml.safe_load((ROOT / "conda" / "recipe.yaml").read_text("utf-8"))


@pytest.fixture(scope="module")
def citation():
    return yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))


def in_conda(requirements):
    """Return requirements of pip as conda writes them."""
    found = set()
    for line in requirements.split("\n"):
        parts = re.fullmatch(r"([\w-]+)(>=\S+)", line)
        if parts:
            found.add(f"{IN_CONDA.get(parts[1], parts[1])} {parts[2]}")
    return found


def test_the_version_stands_in_one_file(setup, recipe, citation):
    """The others repeat it, because their formats have no way to look it up."""
    assert setup["metadata"]["version"] == "attr: topicgen.version.__version__"
    assert recipe["context"]["version"] == citation["version"] == topicgen.__version__
    methods = (ROOT / "docs" / "methods.md").read_text("utf-8")
    assert re.findall(r"version += \{(.*)\}", methods) == [topicgen.__version__]


def test_the_changelog_begins_with_this_version_or_with_what_comes_next():
    first = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.M)
    assert first[1] in ("Unreleased", topicgen.__version__)


def test_licence_and_description_are_the_same_everywhere(setup, recipe, citation):
    metadata = setup["metadata"]
    assert metadata["license_expression"] == recipe["about"]["license"] == citation["license"]
    assert metadata["description"] == recipe["about"]["summary"] == citation["abstract"]
    assert metadata["author"] == citation["authors"][0]["name"]
    assert metadata["keywords"].split(", ") == citation["keywords"]
    files = metadata["license_files"].split()
    assert files == recipe["about"]["license_file"]
    assert all((ROOT / name).is_file() for name in files)


def test_the_recipe_needs_what_the_package_needs(setup, recipe):
    python = setup["options"]["python_requires"].removeprefix(">=")
    assert recipe["context"]["python_min"] == python
    run = {*recipe["requirements"]["run"]} - {"python >=${{ python_min }}"}
    assert run == in_conda(setup["options"]["install_requires"])


def test_the_recipe_limits_the_extras(setup, recipe):
    extras = setup["options.extras_require"]
    names = re.findall(r"\w+", re.sub(r"topicgen", "", extras["all"] + extras["segmenters"]))
    expected = in_conda("\n".join(extras[name] for name in (*names, "ray", "stores")))
    assert {*recipe["requirements"]["run_constraints"]} == expected


def test_the_check_of_the_wheel_misses_no_package():
    assert {package: extra for extra, package in check_wheel.EXTRAS.values()} == EXTRAS


def test_the_page_on_installing_names_the_extras_of_users(setup):
    table = (ROOT / "docs" / "install.md").read_text("utf-8").partition("| extra |")[2]
    named = {*re.findall(r"`([a-z0-9]+)`", table.partition("\n\n")[0])}
    of_developers = {"bench", "demo", "dist", "docs", "interop", "matrix", "test"}
    assert named == {*setup["options.extras_require"]} - of_developers


def test_the_citation_is_whole(citation):
    """What version 1.2.0 of the format requires, and the paper as the page on methods cites it."""
    assert citation["cff-version"] == "1.2.0"
    assert {"message", "title", "authors"} <= citation.keys()
    [paper] = citation["references"]
    assert {"type", "title", "authors"} <= paper.keys()
    methods = (ROOT / "docs" / "methods.md").read_text("utf-8").replace("{Gumbel}", "Gumbel")
    names = [f"{author['family-names']}, {author['given-names']}" for author in paper["authors"]]
    for part in (paper["title"], " and ".join(names), paper["journal"], str(paper["year"])):
        assert f"{{{part}}}" in methods


def test_the_recipe_has_the_command(setup, recipe):
    commands = setup["options.entry_points"]["console_scripts"].strip()
    assert recipe["build"]["python"]["entry_points"] == [commands]


def test_the_recipe_can_be_rendered():
    rattler_build = pytest.importorskip("rattler_build", reason="needs py-rattler-build")
    recipe = rattler_build.Stage0Recipe.from_file(ROOT / "conda" / "recipe.yaml")
    [variant] = recipe.render(rattler_build.VariantConfig())
    found = variant.recipe.to_dict()
    assert found["package"] == {"name": "topicgen", "version": topicgen.__version__}
    assert found["build"]["noarch"] == "python"


def test_all_pythons_from_the_oldest_are_classified(setup):
    metadata, oldest = setup["metadata"], setup["options"]["python_requires"]
    found = re.findall(r"Python :: 3\.(\d+)", metadata["classifiers"])
    assert found == [str(minor) for minor in range(int(found[0]), int(found[-1]) + 1)]
    assert oldest == f">=3.{found[0]}"


def test_what_is_of_others_has_a_notice():
    """``tests/corpus/words/test_stop_words.py`` checks that it is theirs."""
    notices = (ROOT / "THIRD_PARTY_NOTICES.md").read_text("utf-8")
    assert "topicgen/corpus/words/english.py" in notices
    assert "The scikit-learn developers" in notices
