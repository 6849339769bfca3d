"""A part of the campaign of mutated inputs, and whether it finds what is wrong."""

import mmap
import os
import re
import signal
import time

import pytest
from campaign_inputs import campaign, mutated
from campaigns.batches import run_cases
from campaigns.forms import all_forms, pack, unpack

pytest.importorskip("h5py")


def test_mutated_inputs_of_every_form_are_read_or_refused(capsys):
    n_tried, n_faults = campaign(n=560, seed=20)
    assert n_tried == 560
    assert n_faults == 0, capsys.readouterr().out


def test_a_case_is_the_same_when_it_is_run_again(tmp_path):
    form = all_forms(tmp_path)["npz"]
    for number in range(1, 20):
        assert mutated(form, 3, number) == mutated(form, 3, number)
    assert mutated(form, 3, 1) != mutated(form, 4, 1)


def test_packed_files_are_the_same_when_they_are_unpacked():
    for name in ("a.npz", "a.gz", "a.bz2", "a.xz"):
        parts = {"data.npy": b"1", "x": b"2"} if name == "a.npz" else {"": b"text"}
        assert unpack(name, pack(name, parts)) == parts


def strange(number):
    if number == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    if number == 3:
        while True:
            pass
    if number == 4:
        time.sleep(60)
    if number == 5:
        return "read", f"{len(bytearray(50 * 2**20))} bytes too many"
    if number == 6:
        # Not from the heap, which may hold as much that was freed before the fork.
        with mmap.mmap(-1, 50 * 2**20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as new:
            new[:: mmap.PAGESIZE] = b"x" * (len(new) // mmap.PAGESIZE)
    return "read", ""


def test_what_a_case_does_to_its_process_is_found_out():
    verdicts = list(run_cases(strange, range(8), seconds=0.5, megabytes=40))
    assert [verdict.number for verdict in verdicts] == list(range(8))
    faults = [verdict.fault for verdict in verdicts]
    assert faults[0] == faults[2] == faults[7] == ""
    assert faults[1] == f"ended the process with status -{signal.SIGKILL.value}"
    assert faults[3] == faults[4] == "hung for 0.5 seconds"
    assert faults[5].endswith("bytes too many")
    assert re.fullmatch(r"took [45]\d MB", faults[6])
    assert [verdict.outcome for verdict in verdicts].count("read") == 5
