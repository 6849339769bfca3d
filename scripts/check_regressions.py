"""Whether this version is slower, larger or worse than another revision, beyond noise.

    python scripts/check_regressions.py main            # also: make bench-check BASE=main
    python scripts/check_regressions.py v0.1.0 --rounds 20 --only fit --only count

Both versions run the same work on generated data (scripts/regressions/workloads.py): starting the
command line and importing the estimator, fits, transform, posterior intervals, counting a corpus
and coherence. In each round every workload runs once with each version, in fresh processes, one
directly after the other and in random order, so that other load on the machine affects both. What
is compared is the change within a round: of the processor's seconds, of peak memory, and, for fits
of the same seed, of the held-out perplexity and NPMI of the topics.

A measure is a regression where the whole interval of its median change lies beyond the tolerance:
10% for seconds and memory, 2% for perplexity, 0.02 for NPMI. The interval is that of the sign test
(scripts/regressions/decision.py): where no median change exceeds its tolerance, the probability
that anything is reported is at most --error-rate (5%) in all. Exits with 1 where something is
reported, with 2 where this version cannot do what the other does, else with 0.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from regressions.decision import Measure, Verdict, decide, rounds_needed
from regressions.workloads import WORKLOADS

HERE = Path(__file__).resolve().parent
TOLERANCES = {"seconds": 0.1, "MiB": 0.1, "perplexity": 0.02, "NPMI": 0.02}


class CannotRunError(Exception):
    """A version that cannot run a workload, with the last line that it printed."""


@contextmanager
def checkout(revision: str) -> Iterator[Path]:
    """Check out a revision in a folder of its own, removed at the end."""
    root = HERE.parent
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "base"
        git = ["git", "-C", str(root), "worktree"]
        subprocess.run([*git, "add", "-q", "--detach", str(path), revision], check=True)
        try:
            yield path
        finally:
            subprocess.run([*git, "remove", "--force", str(path)], check=True)


def run(version: Path, workload: str, seed: int, scale: float) -> dict[str, float]:
    """Run a workload with the package of a checkout, and return its costs."""
    program = HERE / "regressions" / "workloads.py"
    environment = os.environ | {"PYTHONPATH": str(version), "OMP_NUM_THREADS": "1"}
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, str(program), workload, str(seed), str(scale)],
            env=environment,
            cwd=folder,
            capture_output=True,
            text=True,
        )
    if done.returncode:
        raise CannotRunError((done.stderr.strip() or "no message").splitlines()[-1])
    result = json.loads(done.stdout.splitlines()[-1])
    if Path(result["package"]).resolve() != (version / "topicgen").resolve():
        raise CannotRunError(f"topicgen was imported from {result['package']}, not from {version}")
    return result["costs"]


def compare(
    base: Path, present: Path, workloads: list[str], n_rounds: int, scale: float
) -> list[Measure]:
    """Run the workloads with both versions, and return what they cost.

    Raises:
        CannotRunError: where this version cannot run what the other can; what the other cannot run
            is left out.
    """
    costs: dict[tuple[str, str], dict[Path, list[float]]] = {}
    order = random.Random(0)
    for seed in range(n_rounds):
        for workload in list(workloads):
            sides = order.sample([base, present], 2)
            results: dict[Path, dict[str, float]] = {}
            for side in sides:
                try:
                    results[side] = run(side, workload, seed, scale)
                except CannotRunError as error:
                    if side == present:
                        raise CannotRunError(f"{workload}: {error}") from None
                    print(f"{workload}: left out, BASE cannot run it: {error}", file=sys.stderr)
                    workloads.remove(workload)
                    costs = {which: of for which, of in costs.items() if which[0] != workload}
            if len(results) == 2:
                for name in results[present].keys() & results[base].keys():
                    of_side = costs.setdefault((workload, name), {base: [], present: []})
                    for side in sides:
                        of_side[side].append(results[side][name])
        print(f"round {seed + 1} of {n_rounds}", file=sys.stderr)
    measures = []
    for (workload, name), of_side in costs.items():
        *part, kind = name.split(": ")
        measures.append(
            Measure(
                " ".join([workload, *part]),
                kind,
                tuple(of_side[base]),
                tuple(of_side[present]),
                TOLERANCES[kind],
            )
        )
    return sorted(measures, key=lambda measure: (measure.kind, measure.workload))


def table(verdicts: list[Verdict]) -> str:
    """Return the verdicts as a Markdown table."""
    lines = [
        "| workload | measure | BASE | present | worse by, interval of the median | verdict |",
        "|---|---|---|---|---|---|",
    ]
    for verdict in verdicts:
        measure = verdict.measure
        form = "{:+.3f}" if measure.kind == "NPMI" else "{:+.1%}"
        interval = f"{form.format(verdict.lower)} to {form.format(verdict.upper)}"
        lines.append(
            f"| {measure.workload} | {measure.kind} | {median(measure.base):.3g} "
            f"| {median(measure.present):.3g} | {interval} "
            f"| {'REGRESSION' if verdict.is_regression else 'ok'} |"
        )
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("base", help="the revision to compare with, as git names it")
    parser.add_argument("--rounds", type=int, help="16, or more where the error rate needs more")
    parser.add_argument("--error-rate", type=float, default=0.05)
    parser.add_argument("--only", action="append", choices=list(WORKLOADS))
    parser.add_argument("--scale", type=float, default=1.0, help="times the documents of each")
    parser.add_argument("--present", type=Path, default=HERE.parent, help="the checkout to judge")
    options = parser.parse_args()
    # Starting has two measures, fits have four, others time and memory.
    n_measures = 2 * len(options.only or WORKLOADS) + 2
    n_rounds = options.rounds or max(16, rounds_needed(n_measures, options.error_rate))
    with checkout(options.base) as base:
        try:
            measures = compare(
                base,
                options.present.resolve(),
                options.only or list(WORKLOADS),
                n_rounds,
                options.scale,
            )
        except CannotRunError as error:
            print(f"this version cannot run {error}", file=sys.stderr)
            return 2
    if not measures:
        print(f"{options.base} can run nothing of what is compared", file=sys.stderr)
        return 2
    verdicts = decide(measures, options.error_rate)
    print(table(verdicts))
    worse = [v.measure for v in verdicts if v.is_regression]
    for measure in worse:
        print(f"regression: {measure.kind} of {measure.workload}", file=sys.stderr)
    return 1 if worse else 0


if __name__ == "__main__":
    sys.exit(main())
