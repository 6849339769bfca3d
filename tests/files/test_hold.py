import os
import re
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from topicgen.errors import InputError
from topicgen.files import hold, locks, whole_file, whole_folder

HOLDER = """
import sys, time
from topicgen.files import hold
with hold(sys.argv[1], "file"):
    print("holding", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path):
    """Another process that holds tmp_path / "new"."""
    command = [sys.executable, "-c", HOLDER, str(tmp_path / "new")]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"holding\n"
        yield process
        process.kill()


def refused(message):
    return pytest.raises(InputError, match=re.escape(message))


def write(path, text="mine"):
    with whole_file(path) as draft:
        draft.write_text(text)


def test_a_place_is_held_before_anything_is_written_and_nothing_is_left(tmp_path):
    with hold(tmp_path / "new", "file") as path:
        assert path == tmp_path / "new"
        assert not path.exists()
        assert re.fullmatch(r"\.new\.[a-z2-7]{8}\.topicgen", *os.listdir(tmp_path))
    assert os.listdir(tmp_path) == []


def test_a_second_process_is_refused_at_once(tmp_path, holder):
    with (
        refused(f"new' while another program is writing it (process {holder.pid}); wait for"),
        hold(tmp_path / "new", "file"),
    ):
        pass
    write(tmp_path / "other")
    (tmp_path / "other").unlink()
    assert len(os.listdir(tmp_path)) == 1


@pytest.mark.parametrize("with_locks", [True, False])
def test_a_dead_process_is_not_in_the_way(tmp_path, holder, monkeypatch, with_locks):
    if not with_locks:
        found = next(tmp_path.glob(".new.*.topicgen/owner"))
        owner = found.read_text().replace('"is_locked": true', '"is_locked": false')
        os.unlink(found)  # its lock is on the file that has gone
        found.write_text(owner)
        with refused(f"process {holder.pid}"):
            write(tmp_path / "new")
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    write(tmp_path / "new")
    assert os.listdir(tmp_path) == ["new"]


def test_without_locks_another_process_of_the_same_number_is_not_the_owner(tmp_path, monkeypatch):
    owner = locks.Owner("new", os.getpid(), "1", locks._machine(), False)
    assert not locks.is_alive(tmp_path / "owner", owner)
    assert locks.is_alive(tmp_path / "owner", owner._replace(started=locks._started(os.getpid())))
    # Nothing is known of the processes of other machines.
    monkeypatch.setattr(socket, "gethostname", lambda: "elsewhere")
    assert locks.is_alive(tmp_path / "owner", owner)


def test_a_worker_that_outlives_a_program_does_not_hold_its_lock(tmp_path):
    program = """
import os, signal, sys, time
from topicgen.files import hold
with hold(sys.argv[1], "file"):
    worker = os.fork()
    if worker == 0:
        time.sleep(60)
    print(worker, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""
    command = [sys.executable, "-c", program, str(tmp_path / "new")]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        worker = int(process.stdout.readline())
        process.wait()
        write(tmp_path / "new")
        os.kill(worker, signal.SIGKILL)
    assert os.listdir(tmp_path) == ["new"]


def test_what_is_written_within_a_hold_goes_to_the_place(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "new")
    with hold(tmp_path / "link", "model", mark="config.json"):
        with hold(tmp_path / "new", "model", mark="config.json"):
            with whole_folder(tmp_path / "new") as draft:
                (draft / "config.json").touch()
            assert (tmp_path / "new" / "config.json").exists()
        assert len(list(tmp_path.glob(".new.*"))) == 1
    assert sorted(os.listdir(tmp_path)) == ["link", "new"]


def test_another_thread_is_refused(tmp_path):
    caught = []

    def other():
        try:
            write(tmp_path / "new")
        except InputError as error:
            caught.append(str(error))

    with hold(tmp_path / "new", "file"):
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    assert len(caught) == 1
    assert "while another thread of this program is writing it" in caught[0]


def test_what_has_appeared_since_is_not_replaced_without_overwrite(tmp_path):
    with hold(tmp_path / "new", "file"):
        (tmp_path / "new").write_text("theirs")
        with refused("new' already exists"):
            write(tmp_path / "new")
    assert (tmp_path / "new").read_text() == "theirs"
    with hold(tmp_path / "new", "file", overwrite=True):
        write(tmp_path / "new")
    assert (tmp_path / "new").read_text() == "mine"


def test_what_is_of_another_kind_since_is_not_replaced_even_with_overwrite(tmp_path):
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "config.json").touch()
    with (
        hold(tmp_path / "new", "model", mark="config.json", overwrite=True),
        refused(
            f"holds no model (there is no config.json in it), so it is never overwritten; "
            f"choose another path; what was written is kept in {str(tmp_path / 'new.kept')!r}"
        ),
        whole_folder(tmp_path / "new") as draft,
    ):
        (draft / "config.json").write_text("mine")
        (tmp_path / "new" / "config.json").rename(tmp_path / "new" / "thesis")
    assert os.listdir(tmp_path / "new") == ["thesis"]
    assert (tmp_path / "new.kept" / "new" / "config.json").read_text() == "mine"


def test_a_draft_that_somebody_has_tidied_up_is_made_again(tmp_path):
    import shutil

    with hold(tmp_path / "new", "file"):
        shutil.rmtree(next(tmp_path.glob(".new.*")))
        write(tmp_path / "new")
    assert (tmp_path / "new").read_text() == "mine"


def test_sidecars_are_checked_with_their_file(tmp_path):
    (tmp_path / "new.vocab").touch()
    with (
        refused("new.vocab' already exists"),
        hold(tmp_path / "new", "file", sidecars=["new.vocab"]),
    ):
        pass
    assert os.listdir(tmp_path) == ["new.vocab"]


def test_a_process_forked_within_a_hold_does_not_end_it(tmp_path):
    with hold(tmp_path / "new", "file"):
        child = os.fork()
        if child == 0:
            try:
                with hold(Path(tmp_path, "other"), "file"):
                    pass
                try:
                    write(tmp_path / "new")
                except InputError:
                    os._exit(7)
            finally:
                os._exit(1)
        _, status = os.waitpid(child, 0)
        assert os.WEXITSTATUS(status) == 7
        assert len(os.listdir(tmp_path)) == 1


@pytest.mark.parametrize("mark", [None, "config.json"])
def test_the_root_folder_is_refused(mark):
    with refused("is the root of all folders"), hold(os.sep, "model", mark=mark):
        pass
