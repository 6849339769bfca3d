"""The notebooks of docs/tutorials: in order as files, and without errors when they run."""

import json
import os
import re
import sys
from pathlib import Path

import pytest

TUTORIALS = Path(__file__).parents[2] / "docs" / "tutorials"
NOTEBOOKS = sorted(path.name for path in TUTORIALS.glob("*.ipynb"))


def source(cell):
    return "".join(cell["source"])


@pytest.fixture(params=NOTEBOOKS)
def notebook(request):
    return json.loads((TUTORIALS / request.param).read_text("utf-8"))


def test_there_are_notebooks():
    assert len(NOTEBOOKS) == 6


def test_notebook_is_valid(notebook):
    nbformat = pytest.importorskip("nbformat")
    nbformat.validate(notebook)
    assert notebook["nbformat"] == 4
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"


def test_no_output_is_committed(notebook):
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            assert cell["outputs"] == []
            assert cell["execution_count"] is None
        assert cell["metadata"] == {}


def test_notebook_begins_with_its_only_title(notebook):
    prose = [cell for cell in notebook["cells"] if cell["cell_type"] == "markdown"]
    # Comments in blocks of code look like titles.
    lines = re.sub(r"^```.*?^```", "", "\n".join(map(source, prose)), flags=re.S | re.M)
    titles = re.findall(r"^# .+", lines, flags=re.M)
    assert len(titles) == 1
    assert source(notebook["cells"][0]).startswith(titles[0])


def test_no_path_of_a_machine_is_in_it(notebook):
    text = "\n".join(map(source, notebook["cells"]))
    assert not re.search(r"(?<![\w.)}$])/(home|root|tmp|usr|Users|work)/|[A-Z]:\\", text)


def test_links_lead_to_files(notebook):
    text = "\n".join(source(it) for it in notebook["cells"] if it["cell_type"] == "markdown")
    links = re.findall(r"\]\(([^):#]+)\)", text)
    assert [link for link in links if not (TUTORIALS / link).is_file()] == []


@pytest.mark.slow
@pytest.mark.parametrize("name", NOTEBOOKS)
def test_notebook_runs(name, tmp_path, monkeypatch):
    """Each cell runs, offline and without a warning, and leaves no file where the notebook is."""
    nbclient, nbformat = pytest.importorskip("nbclient"), pytest.importorskip("nbformat")
    pytest.importorskip("ipykernel")
    if name.startswith("6"):
        pytest.importorskip("gensim")
    here, home, temporary = (tmp_path / part for part in ("here", "home", "temporary"))
    for folder in (here, home, temporary):
        folder.mkdir()
    # The kernel finds this package where this process found it, and touches nobody's home.
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, sys.path)))
    for variable in ("HOME", "IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR"):
        monkeypatch.setenv(variable, str(home))
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setenv("JUPYTER_PLATFORM_DIRS", "1")
    notebook = nbformat.read(TUTORIALS / name, as_version=4)
    nbclient.NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(here)}}
    ).execute()
    outputs = [out for cell in notebook.cells for out in cell.get("outputs", [])]
    assert [out.text for out in outputs if out.get("name") == "stderr"] == []
    assert list(here.iterdir()) == []
