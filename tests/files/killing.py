"""Killing a program at each of its file events, in a process forked for the purpose."""

import os
import signal
import sys
import traceback

EVENTS = ("open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.link", "topicgen.rename")


def killed_at(number, folder, act):
    """Run ``act`` in a child that is killed just before its event ``number`` in a folder.

    Returns:
        Whether it was killed; False where it has fewer events, and then it must have succeeded.
    """
    child = os.fork()
    if child == 0:
        status = 1
        try:
            seen = 0

            def watch(event, arguments):
                nonlocal seen
                if event in EVENTS and str(folder) in str(arguments[0]):
                    if seen == number:
                        os.kill(os.getpid(), signal.SIGKILL)
                    seen += 1

            sys.addaudithook(watch)
            act()
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return True
    assert os.WEXITSTATUS(status) == 0
    return False
