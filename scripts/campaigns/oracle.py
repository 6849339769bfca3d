"""Whether what became of a command, or of a call, is as it should be."""

import signal

from campaigns.outcome import Outcome

_MISTAKE = 2
_LONGEST_LINE = 1_100


def fault_of_command(outcome: Outcome) -> str | None:
    """Return what is wrong with how a command ended, in a few words; None where nothing is.

    A command exits with status 0, or with 2 after one line on standard error that says why.
    """
    fault = fault_of_end(outcome)
    if fault is not None:
        return fault
    lines = outcome.stderr.splitlines()
    said = [line for line in lines if line.startswith("topicgen: ")]
    if outcome.error is not None:
        return f"traceback: {outcome.error.partition(':')[0]}"
    if "Traceback (most recent call last)" in outcome.stderr:
        return "traceback printed"
    if any("internal error" in line for line in said):
        return "internal error"
    if outcome.status not in (0, _MISTAKE):
        return f"status {outcome.status}"
    errors = [line for line in said if line.startswith("topicgen: error: ")]
    if len(errors) != (outcome.status == _MISTAKE):
        return f"{len(errors)} lines of error with status {outcome.status}"
    if any(len(line) > _LONGEST_LINE for line in said):
        return "line too long"
    return None


def fault_of_end(outcome: Outcome) -> str | None:
    """Return what is wrong with how a process ended; None where it ended by itself."""
    if outcome.stopped is not None:
        return f"too much {outcome.stopped}"
    if outcome.signal is not None:
        return f"killed by {signal.Signals(outcome.signal).name}"
    return None
