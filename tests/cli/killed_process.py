"""The command line, in which the process of a given rank is killed after some steps of training.

torchrun ... killed_process.py RANK STEPS fit ...
"""

import os
import signal
import sys

from topicgen.cli import main
from topicgen.training import Trainer

rank, n_steps, *words = sys.argv[1:]
move = Trainer.move
moves = []


def move_or_die(trainer, *rates):
    move(trainer, *rates)
    moves.append(rates)
    if os.environ["RANK"] == rank and len(moves) == int(n_steps):
        os.kill(os.getpid(), signal.SIGKILL)


Trainer.move = move_or_die
main(words)
