"""``topicgen corpus convert``: a corpus from one format to another."""

import click

from topicgen.cli.messages import say
from topicgen.cli.options import overwrite_option


@click.command(short_help="Convert a corpus from one format to another.")
@click.argument("source", metavar="INPUT")
@click.argument("output", metavar="OUTPUT")
@click.option(
    "--from", "source_format", metavar="FORMAT", help="Format of INPUT. [default: by its name]"
)
@click.option(
    "--to", "output_format", metavar="FORMAT", help="Format of OUTPUT. [default: by its name]"
)
@overwrite_option
def convert(
    source: str,
    output: str,
    source_format: str | None,
    output_format: str | None,
    overwrite: bool,
) -> None:
    """Read the counts of INPUT in one format and write them as OUTPUT in another.

    \b
    FORMAT is one of
      topicgen  a corpus folder, as 'topicgen corpus build' writes it
      ldac      LDA-C: NAME.ldac, the words in NAME.ldac.vocab
      uci       UCI's bag of words: docword.NAME.txt, vocab.NAME.txt
      mtx       Matrix Market: NAME.mtx, the words in NAME.mtx.vocab
      svmlight  SVMlight, LIBSVM: NAME.svmlight, the words in NAME.svmlight.vocab
      octis     OCTIS: a folder with corpus.tsv, vocabulary.txt
      topmost   TopMost: a folder with train_bow.npz, vocab.txt
      mallet    MALLET: NAME.mallet.txt, lines 'id label text'
      gensim    gensim: NAME.mm, NAME.dict.txt
      npz       scipy: NAME.npz, the words in NAME.npz.vocab
      h5ad      AnnData: NAME.h5ad

    Ids and labels that a format has no place for go to sidecar files (NAME.ids, NAME.labels) and
    are read from there.
    """  # noqa: D301 (click wants the character itself, not its escape)
    from topicgen.corpus.formats import destination_format, read_corpus, write_corpus
    from topicgen.corpus.wording import sizes

    form = destination_format(output, output_format, overwrite=overwrite)
    corpus = read_corpus(source, source_format)
    write_corpus(corpus, output, form.name, overwrite=overwrite)
    say(
        f"{output} ({form.name}): {sizes(corpus.n_documents, corpus.n_words, corpus.n_tokens)}, "
        f"{corpus.n_empty:,} empty"
    )
