"""The files that only contributors and their tools read are whole, and agree with each other."""

import configparser
import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
FORMS = sorted(path.name for path in (ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"))
WORKFLOWS = sorted(path.name for path in (ROOT / ".github" / "workflows").glob("*.yml"))
# Extras of tools for developers, whose lowest versions are not tested.
TOOLS = {"bench", "demo", "dist", "docs", "interop", "matrix", "test"}


def read(*parts):
    return yaml.safe_load(ROOT.joinpath(*parts).read_text("utf-8"))


def setup():
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg", encoding="utf-8")
    return parser


def bounds():
    """The lowest version of each package that a user installs, in setup.cfg's order."""
    extras = setup()["options.extras_require"]
    texts = [setup()["options"]["install_requires"]]
    texts += [text for extra, text in extras.items() if extra not in TOOLS]
    return dict(re.findall(r"^([\w-]+)>=([\d.]+)", "\n".join(texts), re.MULTILINE))


def pins(name):
    lines = (ROOT / name).read_text("utf-8").splitlines()
    return dict(line.split("==") for line in lines if line and not line.startswith("#"))


def is_same(version, other):
    """Whether 2 and 2.0.0 are meant."""
    longest = max(len(version.split(".")), len(other.split(".")))
    return (version + ".0" * longest).split(".")[:longest] == (other + ".0" * longest).split(".")[
        :longest
    ]


def test_lowest_versions_are_those_of_setup_cfg():
    lowest, pinned = bounds(), pins("constraints-lowest.txt")
    assert len(lowest) > 20
    assert lowest.keys() - pinned.keys() == set()
    assert {name: pinned[name] for name in lowest if not is_same(pinned[name], lowest[name])} == {}


@pytest.mark.parametrize("name", [name for name in FORMS if name != "config.yml"])
def test_issue_forms_are_whole(name):
    form = read(".github", "ISSUE_TEMPLATE", name)
    assert {"name", "description", "body"} <= form.keys()
    identifiers = [field["id"] for field in form["body"]]
    assert len(set(identifiers)) == len(identifiers)
    for field in form["body"]:
        assert field["type"] in {"input", "textarea", "dropdown", "checkboxes", "markdown"}
        assert field["attributes"]["label"]
    assert any("topicgen --version" in str(field) for field in form["body"])


@pytest.mark.parametrize("name", WORKFLOWS)
def test_workflows_run_what_there_is(name):
    workflow = read(".github", "workflows", name)
    # "on" is a truth value in YAML 1.1.
    assert {"name", True, "jobs", "permissions"} <= workflow.keys()
    makefile = (ROOT / "Makefile").read_text("utf-8")
    sessions = (ROOT / "noxfile.py").read_text("utf-8")
    steps = [step for job in workflow["jobs"].values() for step in job["steps"]]
    assert any("run" in step for step in steps)
    for step in steps:
        words = step.get("run", "").split()
        if "uses" in step:
            assert re.fullmatch(r"actions/[a-z-]+@v\d+", step["uses"])
        elif words[0] == "make":
            for target in (word for word in words[1:] if "=" not in word):
                assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
        elif words[0] == "pipx":
            assert f"def {words[-1]}(" in sessions
        else:
            assert (ROOT / words[0]).is_file()
    assert "secrets" not in str(workflow)


def test_every_supported_python_is_tested():
    tests = read(".github", "workflows", "tests.yml")["jobs"]["tests"]
    in_workflow = tests["strategy"]["matrix"]["python"]
    classifiers = setup()["metadata"]["classifiers"]
    assert re.findall(r"Python :: (3\.\d+)", classifiers) == in_workflow
    assert f"PYTHONS = {in_workflow}".replace("'", '"') in (ROOT / "noxfile.py").read_text("utf-8")
    assert setup()["options"]["python_requires"] == f">={in_workflow[0]}"


def test_pre_commit_hooks():
    config = read(".pre-commit-config.yaml")
    hooks = [hook for repository in config["repos"] for hook in repository["hooks"]]
    assert {"ruff", "ruff-format", "mypy", "codespell"} <= {hook["id"] for hook in hooks}
    for hook in hooks:
        assert {"id", "name", "entry", "language"} <= hook.keys()
