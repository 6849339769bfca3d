"""The command line: parse, call the facade, print.

Results go to standard output, all else to standard error. What is slow to import (torch,
scikit-learn, pandas) is imported inside the commands, so that ``topicgen --help`` answers at once.
"""

import click

from topicgen import __version__
from topicgen.cli.compare import compare
from topicgen.cli.corpus import corpus
from topicgen.cli.evaluate import evaluate
from topicgen.cli.fit import fit
from topicgen.cli.program import Program
from topicgen.cli.select_k import select_k
from topicgen.cli.topics import topics
from topicgen.cli.transform import transform

__all__ = ["main"]


@click.group(
    cls=Program,
    context_settings={"help_option_names": ["-h", "--help"]},
    no_args_is_help=False,
)
@click.version_option(__version__, prog_name="topicgen", message="%(prog)s %(version)s")
def main() -> None:
    """Find the topics of a text collection.

    INPUT is a text file with a document a line, a folder tree of text files, a table (.csv, .tsv,
    .jsonl, .ndjson, .parquet) with a column of texts, any file compressed (.gz, .bz2, .xz, .zst),
    a pattern such as 'news/*.txt', or "-" for a document a line from standard input; or counts: a
    corpus folder, or a corpus in a form of the field (see 'topicgen corpus convert --help').
    """


for command in (fit, select_k, topics, transform, evaluate, compare, corpus):
    main.add_command(command)
