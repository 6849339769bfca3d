import errno
import os
import signal
import stat

import pytest
import torch

from topicgen.errors import InputError
from topicgen.training import checkpoint
from topicgen.training.checkpoint import (
    check_checkpoint_folder,
    checkpoint_files,
    opened,
    remove_checkpoints,
)
from topicgen.training.progress import Snapshot

pytestmark = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded")

OWNER = {"documents": "1f"}


def snapshot(number):
    arrays = {
        "weights": torch.full((3, 4), float(number)),
        "draws": torch.arange(5, dtype=torch.uint8),
        "step": torch.tensor(2.0**-number),
    }
    return Snapshot(arrays, {"history": [{"loss": float("nan")}], "number": number, "of": 1e-17})


def written(folder, *numbers):
    with opened(folder, OWNER) as one:
        for number in numbers:
            one.write(snapshot(number))
    return checkpoint_files(folder)


def loaded(folder):
    with opened(folder, OWNER) as one:
        return one.snapshot


def number_in(folder):
    found = loaded(folder)
    assert found.arrays.keys() == snapshot(1).arrays.keys()
    number = found.facts["number"]
    for name, value in snapshot(number).arrays.items():
        assert found.arrays[name].dtype == value.dtype
        assert torch.equal(found.arrays[name], value)
    assert found.facts["of"] == 1e-17
    return number


def test_the_latest_of_two_is_read(tmp_path):
    files = written(tmp_path / "a", 1, 2, 3)
    assert [file.name[:8] for file in files] == ["00000003", "00000002"]
    assert sorted(os.listdir(tmp_path / "a")) == sorted(file.name for file in files)
    assert number_in(tmp_path / "a") == 3
    written(tmp_path / "a", 4)
    assert number_in(tmp_path / "a") == 4
    with opened(tmp_path / "a", {"documents": "2e"}) as one:
        assert (one.owner_before, one.owner) == (OWNER, {"documents": "2e"})


def test_every_flipped_bit_is_found(tmp_path):
    """The checkpoint before is taken; where that is damaged too, there is one line.

    The next one that is written takes the place of the damaged one.
    """
    latest, before = written(tmp_path / "a", 1, 2)
    whole = latest.read_bytes()
    for place in range(0, len(whole), 7):
        latest.write_bytes(
            whole[:place] + bytes([whole[place] ^ 1 << place % 8]) + whole[place + 1 :]
        )
        with pytest.warns(UserWarning, match="is damaged; continuing from the previous one"):
            assert number_in(tmp_path / "a") == 1
    before.write_bytes(before.read_bytes()[:-1])
    with pytest.raises(InputError, match=r"all checkpoints in .* are damaged; remove the folder"):
        loaded(tmp_path / "a")
    latest.write_bytes(whole)
    assert number_in(tmp_path / "a") == 2
    before.unlink()
    (after,) = set(written(tmp_path / "a", 3)) - {latest}
    latest.write_bytes(whole[:-1])
    written(tmp_path / "a", 4)
    after.write_bytes(b"")
    assert number_in(tmp_path / "a") == 4


@pytest.mark.parametrize("content", [b"", b"\x08", b"\xff" * 64])
def test_what_is_no_checkpoint_is_damaged(tmp_path, content):
    folder = tmp_path / "a"
    latest, _ = written(folder, 1, 2)
    latest.write_bytes(content)
    name = f"00000009-{checkpoint.sha256(latest)[:32]}.safetensors"
    latest.rename(folder / name)  # the name is right, and the content is not
    with pytest.warns(UserWarning, match="is damaged"):
        assert number_in(folder) == 1


def test_a_link_or_a_pipe_is_no_checkpoint(tmp_path):
    folder = tmp_path / "a"
    latest, before = written(folder, 1, 2)
    latest.rename(tmp_path / "moved")
    latest.symlink_to(tmp_path / "moved")
    with pytest.warns(UserWarning, match="is damaged"):
        assert number_in(folder) == 1
    before.unlink()
    os.mkfifo(before)
    with pytest.raises(InputError, match="damaged"):
        loaded(folder)


def test_two_at_a_time_are_refused_and_a_dead_one_is_not(tmp_path):
    folder = tmp_path / "a"
    with opened(folder, OWNER) as one:
        one.write(snapshot(1))
        with (
            pytest.raises(InputError, match="another process is writing checkpoints to"),
            opened(folder, OWNER),
        ):
            pass
    child = os.fork()
    if not child:
        with opened(folder, OWNER):
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    assert number_in(folder) == 1


def test_a_child_killed_at_any_step_leaves_a_whole_checkpoint(tmp_path, monkeypatch):
    """Each of the calls that change the folder is the last one."""
    folder = tmp_path / "a"
    written(folder, 1, 2)
    n = 2
    for last in range(1, 12):
        child = os.fork()
        if not child:
            count = [0]

            def ending(work, count=count, last=last):
                def counted(*args, **options):
                    count[0] += 1
                    if count[0] == last:
                        os.kill(os.getpid(), signal.SIGKILL)
                    return work(*args, **options)

                return counted

            for place, name in (
                (checkpoint, "save_file"),
                (checkpoint, "sha256"),
                (checkpoint.os, "fsync"),
                (checkpoint.Path, "mkdir"),
                (checkpoint.Path, "replace"),
                (checkpoint.Path, "unlink"),
                (checkpoint.shutil, "rmtree"),
            ):
                setattr(place, name, ending(getattr(place, name)))
            written(folder, n + 1)
            os._exit(0)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        found = number_in(folder)
        assert found in (n, n + 1)
        n = found
        # Nothing is left behind by the next one.
        names = os.listdir(folder)
        assert not [name for name in names if name.startswith(".")]
        assert len(names) == 2
        if status == 0:
            break
    assert status == 0
    assert last > 6
    assert len(written(folder, 99)) == 2


def test_what_a_killed_process_left_is_removed_and_no_link_is_followed(tmp_path):
    folder = tmp_path / "a"
    written(folder, 1)
    (folder / ".draft-1").mkdir()
    (folder / ".draft-1/.tmpxyz").write_bytes(b"half")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/notes.txt").write_text("mine")
    (folder / ".draft-2").symlink_to(tmp_path / "mine")
    assert number_in(folder) == 1
    assert len(os.listdir(folder)) == 1
    assert os.listdir(tmp_path / "mine") == ["notes.txt"]


def test_a_full_disk_costs_a_warning_and_no_checkpoint(tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    with opened(tmp_path / "a", OWNER) as one:
        one.write(snapshot(1))
        with monkeypatch.context() as patch:
            patch.setattr(checkpoint, "save_file", full)
            with pytest.warns(
                UserWarning, match="No space left on device; the previous one is kept"
            ):
                one.write(snapshot(2))
        assert len(os.listdir(tmp_path / "a")) == 1
        one.write(snapshot(3))
    assert number_in(tmp_path / "a") == 3


def test_a_file_system_that_cannot_wait_for_the_disk_does_without(tmp_path, monkeypatch):
    def unknown(_):
        raise OSError(errno.EINVAL, "Invalid argument")

    monkeypatch.setattr(os, "fsync", unknown)
    assert len(written(tmp_path / "a", 1, 2, 3)) == 2
    assert number_in(tmp_path / "a") == 3


def test_a_folder_in_which_nothing_was_written_is_not_left(tmp_path):
    with opened(tmp_path / "a", OWNER) as one:
        assert (one.snapshot, one.owner_before) == (None, {})
    assert os.listdir(tmp_path) == []


def test_what_is_not_ours_is_refused_and_never_touched(tmp_path):
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes/mine.txt").write_text("mine")
    (tmp_path / "file").write_text("mine")
    for name, message in {
        "notes": "holds 'mine.txt', which is not a checkpoint; choose an empty folder",
        "file": "is not a folder",
        "a/b": "does not exist; create it",
    }.items():
        with pytest.raises(InputError, match=message), opened(tmp_path / name, OWNER):
            pass
    with pytest.raises(InputError, match="is empty; pass the path"):
        check_checkpoint_folder("")
    assert (tmp_path / "notes/mine.txt").read_text() == "mine"
    assert sorted(os.listdir(tmp_path)) == ["file", "notes"]


def test_checkpoints_are_removed_and_nothing_else(tmp_path):
    written(tmp_path / "a", 1, 2)
    (tmp_path / "a/mine.txt").write_text("mine")
    remove_checkpoints(tmp_path / "a")
    assert os.listdir(tmp_path / "a") == ["mine.txt"]
    (tmp_path / "a/mine.txt").unlink()
    remove_checkpoints(tmp_path / "a")
    remove_checkpoints(tmp_path / "a")
    assert os.listdir(tmp_path) == []


def test_a_checkpoint_has_the_mode_that_the_umask_allows(tmp_path):
    (file,) = written(tmp_path / "a", 1)
    probe = tmp_path / "probe"
    probe.write_text("")
    assert stat.S_IMODE(file.stat().st_mode) == stat.S_IMODE(probe.stat().st_mode)


def test_a_name_that_is_too_long_is_refused():
    with pytest.raises(InputError, match=r"cannot write .*: File name too long"):
        check_checkpoint_folder("x" * 10_000)
