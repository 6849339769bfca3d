"""The tests on every supported Python, and with the lowest and the highest dependencies.

    nox                        # all that this machine has a Python for
    nox -s tests-3.12          # one Python, with the versions of constraints.txt
    nox -s lowest -- tests/cli # arguments go to pytest

Each session installs torch: some gigabytes with the usual Linux build, so run one at a time where
the disk is short, and remove .nox afterwards.
"""

import nox

nox.options.error_on_missing_interpreters = False
nox.options.sessions = ["tests", "lowest"]

PYTHONS = ["3.10", "3.11", "3.12", "3.13"]
ONE_THREAD = {"OMP_NUM_THREADS": "1"}


def run_tests(session: nox.Session, *options: str) -> None:
    """Run the tests that `make test` runs, or what the command line names."""
    chosen = session.posargs or ["-n", "2", "--dist", "loadfile", "-m", "not slow"]
    session.run("python", "-m", "pytest", *options, *chosen, env=ONE_THREAD)


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """Test with the versions that constraints.txt pins."""
    session.install("-c", "constraints.txt", "-e", ".[test]")
    run_tests(session)


@nox.session(python="3.10")
def lowest(session: nox.Session) -> None:
    """Test with the lowest versions that setup.cfg admits, on the lowest Python."""
    session.install("-c", "constraints-lowest.txt", "-e", ".[test]")
    # Old versions warn of what newer ones have mended.
    run_tests(session, "-W", "default")


@nox.session(python="3.13")
def highest(session: nox.Session) -> None:
    """Test with the newest releases, also of what constraints.txt pins."""
    session.install("--upgrade", "-e", ".[test]")
    run_tests(session)
