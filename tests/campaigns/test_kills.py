import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="needs Linux")
def test_some_kills_of_commands_that_write_lose_and_leave_nothing():
    command = [sys.executable, "scripts/campaign_kills.py", "--n", "40", "--seed", "1"]
    done = subprocess.run(
        [*command, "--commands", "fit --,ldac,edit,transform -o .csv"],
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 faults" in done.stdout
