"""``topicgen corpus convert``: a corpus from one file format to another."""

import click

from topicgen.cli.messages import say
from topicgen.cli.options import overwrite_option, split_option, zero_based_option
from topicgen.cli.outputs import check_is_name, hold_output


@click.command(short_help="Convert a corpus to another format.")
@click.argument("source", metavar="INPUT")
@click.argument("output", metavar="OUTPUT")
@click.option(
    "--from", "source_format", metavar="FORMAT", help="Format of INPUT. [default: from its name]"
)
@click.option(
    "--to", "output_format", metavar="FORMAT", help="Format of OUTPUT. [default: from its name]"
)
@split_option
@zero_based_option
@overwrite_option
def convert(
    source: str,
    output: str,
    source_format: str | None,
    output_format: str | None,
    split: str | None,
    zero_based: bool | str | None,
    overwrite: bool,
) -> None:
    """Read the word counts in INPUT and write them to OUTPUT in another format.

    \b
    FORMAT is one of
      topicgen  a corpus folder, as written by 'topicgen corpus build'
      ldac      LDA-C: NAME.ldac, with the words in NAME.ldac.vocab
      uci       UCI bag of words: docword.NAME.txt and vocab.NAME.txt
      mtx       Matrix Market: NAME.mtx, with the words in NAME.mtx.vocab
      svmlight  SVMlight and LIBSVM: NAME.svmlight, with the words in
                NAME.svmlight.vocab
      octis     OCTIS: a folder with corpus.tsv and vocabulary.txt
      topmost   TopMost: a folder with train_bow.npz and vocab.txt
      mallet    MALLET: NAME.mallet.txt, with 'id label text' on each line
      gensim    gensim: NAME.mm and NAME.dict.txt
      npz       scipy: NAME.npz, with the words in NAME.npz.vocab
      h5ad      AnnData: NAME.h5ad

    Ids and labels that a format cannot hold are kept in sidecar files (OUTPUT.ids, OUTPUT.labels)
    and read back from there.
    """  # noqa: D301 (click wants the character itself, not its escape)
    from topicgen.corpus.formats import (
        destination_format,
        hold_destination,
        read_corpus,
        write_corpus,
    )
    from topicgen.corpus.wording import sizes

    check_is_name(output)
    target = destination_format(output, output_format)
    hold_output(hold_destination(output, target.name, overwrite=overwrite))
    options = {} if zero_based is None else {"zero_based": zero_based}
    corpus = read_corpus(source, source_format, split=split, **options)
    write_corpus(corpus, output, target.name, overwrite=overwrite)
    say(
        f"{output} ({target.name}): {sizes(corpus.n_documents, corpus.n_words, corpus.n_tokens)}, "
        f"{corpus.n_empty:,} empty"
    )
