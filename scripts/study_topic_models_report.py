"""The tables and the figure of the topic-model study."""


def write(folder, results, gradients, order):
    pass
