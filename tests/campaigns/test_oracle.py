import os
import signal
import sys
import time

import pytest
from campaigns.child import run
from campaigns.oracle import fault_of_command


def command(status=0, stderr="", act=None):
    def end():
        print(stderr, file=sys.stderr)
        if act is not None:
            act()
        sys.exit(status)

    return run(end, seconds=2, megabytes=100)


ERROR = "topicgen: error: expected a, got b; do c"


@pytest.mark.parametrize(
    ("outcome", "fault"),
    [
        ({}, None),
        ({"stderr": "topicgen: warning: a\ntopicgen: fitted"}, None),
        ({"status": 2, "stderr": f"topicgen: warning: a\n{ERROR}"}, None),
        ({"status": 2}, "0 lines of error with status 2"),
        ({"status": 2, "stderr": f"{ERROR}\n{ERROR}"}, "2 lines of error with status 2"),
        ({"status": 2, "stderr": f"{ERROR}{'x' * 2_000}"}, "line too long"),
        ({"stderr": ERROR}, "1 lines of error with status 0"),
        ({"status": 1}, "status 1"),
        ({"status": 1, "stderr": "topicgen: internal error: KeyError: 1"}, "internal error"),
        ({"status": 2, "stderr": "Traceback (most recent call last):\n"}, "traceback printed"),
        ({"act": lambda: {}["a"]}, "traceback: KeyError"),
        ({"act": lambda: bytearray(b"x") * 10**9}, "too much memory"),
        ({"act": lambda: time.sleep(10)}, "too much time"),
        ({"act": lambda: os.kill(os.getpid(), signal.SIGABRT)}, "killed by SIGABRT"),
    ],
)
def test_commands(outcome, fault):
    assert fault_of_command(command(**outcome)) == fault
