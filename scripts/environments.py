"""Empty virtual environments, in which a script looks at the package as its users meet it."""

import os
import subprocess
import venv
from pathlib import Path

# What leads to other code or data than an environment's own.
_LEFT_OUT = ("PYTHON", "TOPICGEN", "VIRTUAL_ENV")


def install(what: str | Path, environment: Path, constraints: Path | None = None) -> Path:
    """Return the folder of the programs of a new environment with a package and its requirements.

    Args:
        what: a wheel, perhaps with extras, or the folder of a source tree.
        environment: the folder to be made.
        constraints: a file of versions for pip to choose.
    """
    venv.create(environment, with_pip=True)
    scripts = environment / ("Scripts" if os.name == "nt" else "bin")
    pinned = ["-c", str(constraints.resolve())] if constraints else []
    pip = [str(scripts / "python"), "-m", "pip", "install", "--disable-pip-version-check", "-q"]
    subprocess.run([*pip, *pinned, str(what)], check=True, cwd=environment, env=variables())
    return scripts


def variables() -> dict[str, str]:
    """Return the variables of this process, without those that lead to other code or data."""
    return {name: value for name, value in os.environ.items() if not name.startswith(_LEFT_OUT)}
