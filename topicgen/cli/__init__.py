"""The command line: parse, call the facade, print.

Results go to standard output, everything else to standard error. Slow imports (torch,
scikit-learn, pandas) happen inside the commands, so that ``topicgen --help`` answers at once.
"""

import click

from topicgen import __version__
from topicgen.cli.compare import compare
from topicgen.cli.corpus import corpus
from topicgen.cli.edit import edit
from topicgen.cli.effects import effects
from topicgen.cli.evaluate import evaluate
from topicgen.cli.fit import fit
from topicgen.cli.program import Program
from topicgen.cli.report import report
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

    INPUT is a text file with one document per line, a folder of text files (subfolders included),
    a table (.csv, .tsv, .json, .jsonl, .ndjson, .parquet) with a column of texts, a pattern such
    as 'news/*.txt', or "-" to read one document per line from standard input. Files may be
    compressed (.gz, .bz2, .xz, .zst). INPUT may also be word counts: a corpus folder, or a corpus
    in another tool's format (see 'topicgen corpus convert --help').
    """


COMMANDS = (
    fit,
    select_k,
    topics,
    edit,
    report,
    effects,
    transform,
    evaluate,
    compare,
    corpus,
)
for command in COMMANDS:
    main.add_command(command)
