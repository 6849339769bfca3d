"""The parts of the page that are there without its script, and what they say."""

from typing import Any

from topicgen.corpus.wording import quantity
from topicgen.html import Html, join, tag
from topicgen.reporting.checks import GOOD, LOOK, Check
from topicgen.reporting.contents import Contents
from topicgen.reporting.guide import reading_guide

_WORDS = 10


def server_parts(contents: Contents, date: str) -> dict[str, str]:
    """Return the parts of the page, by the names of their places in the template."""
    data = contents.data
    documents = data["documents"]
    sections = [("topics", "Topics"), ("overview", "All topics")]
    sections += [("tree", "Groups")] if data["tree"] else []
    sections += [("over-time", "Over time")] if _has_periods(data) else []
    sections += [("documents", "Documents"), ("quality", "Quality"), ("guide", "Reading guide")]
    return {
        "lede": _lede(data),
        "figures": _figures(data),
        "links": join(
            [
                tag("li", tag("a", text, href=f"#{name}"), class_=_needs_script(name))
                for name, text in sections
            ]
        ),
        "introduction": Html(
            "Choose a topic on the map or in the list below it to see its words and its most "
            "typical passages."
        ),
        "map_note": Html(
            "The area of a circle is the topic's share of all words. Topics that use similar words "
            "are close to each other; the directions mean nothing."
        ),
        "overview_note": _overview_note(documents),
        "overview": _overview(data),
        "tree": _tree(data),
        "time": _over_time(data),
        "documents_note": _documents_note(documents),
        "quality_note": Html(
            "These scores do not tell you whether the topics suit your question: read the "
            "passages to judge that."
        ),
        "checks": _checks(contents.checks),
        "guide": reading_guide(data),
        "colophon": _colophon(date),
    }


def _needs_script(section: str) -> str | None:
    return "needs-js" if section in ("documents", "over-time") else None


def percent(share: float | None) -> str:
    """Return a share in percent, with two significant digits or so.

    >>> percent(0.123), percent(0.0412), percent(0.0036), percent(0.00001), percent(0)
    ('12%', '4.1%', '0.36%', '<0.01%', '0%')
    """
    if share is None:
        return "\N{EN DASH}"
    if share >= 0.0995:
        return f"{share:.0%}"
    if share >= 0.00995:
        return f"{share:.1%}"
    if share >= 0.00005:
        return f"{share:.2%}"
    return "<0.01%" if share > 0 else "0%"


def _lede(data: dict[str, Any]) -> Html:
    documents = data["documents"]
    n_topics = len(data["topics"])
    text = (
        f"{quantity(n_topics, 'topic')} in {quantity(documents['total'], 'document')}. A topic is "
        "a set of words that tend to occur together, and a document is a mixture of topics. This "
        "report shows what the topics are, and how many words of each document come from each."
    )
    return join([text])


def _figures(data: dict[str, Any]) -> Html:
    documents = data["documents"]
    pairs = [
        ("Topics", f"{len(data['topics']):,}"),
        ("Documents", f"{documents['total']:,}"),
        ("Words counted", f"{documents['tokens']:,}"),
    ]
    if documents["total"]:
        pairs.append(("Words per document", f"{documents['tokens'] / documents['total']:,.0f}"))
    items = [tag("div", tag("dt", name), tag("dd", value)) for name, value in pairs]
    return tag("dl", *items, class_="figures")


def _overview_note(documents: dict[str, Any]) -> Html:
    whose = (
        "these documents" if documents["isFit"] else "the documents that the model was fitted to"
    )
    return join(
        [
            f"Share: the part of all words that comes from the topic. Presence: the part of the "
            "documents with at least one word of it. Amount: its share of the words in those "
            f"documents. All refer to {whose}; presence and amount have 95% intervals."
        ]
    )


def _overview(data: dict[str, Any]) -> Html:
    topics = data["topics"]
    largest = max((topic["share"] for topic in topics), default=0) or 1
    order = sorted(range(len(topics)), key=lambda k: -topics[k]["share"])
    rows = []
    for k in order:
        topic = topics[k]
        words = [data["words"]["text"][place] for place in topic["words"][:_WORDS]]
        named = [] if topic["name"] is None else [tag("b", _bdi(topic["name"])), tag("br")]
        rows.append(
            tag(
                "tr",
                tag("th", tag("a", str(k), href=f"#topic-{k}"), scope="row", class_="number"),
                tag("td", *named, _words(words)),
                _figure("Share", _bar(topic["share"] / largest), percent(topic["share"])),
                *(
                    _figure(name.capitalize(), percent(topic[name][0]), _range(topic[name]))
                    for name in ("presence", "amount")
                ),
                id=f"row-{k}",
            )
        )
    heads = [
        tag("th", "Topic", scope="col", class_="number"),
        tag("th", "Top words", scope="col"),
        *(tag("th", x, scope="col", class_="number") for x in ("Share", "Presence", "Amount")),
    ]
    return tag(
        "table",
        tag("caption", "All topics, the most used first", class_="hidden"),
        tag("thead", tag("tr", *heads)),
        tag("tbody", *rows),
        class_="overview",
    )


def _figure(name: str, *parts: Any) -> Html:
    return tag("td", *parts, class_="number", data_name=name)


def _words(words: list[str]) -> Html:
    return join([_bdi(word) for word in words], between=", ")


def _bdi(text: str) -> Html:
    return tag("bdi", text)


def _bar(part: float) -> Html:
    width = round(80 * min(max(part, 0), 1), 1)
    bar = tag("rect", width=width, height=8, class_="bar")
    return tag(
        "svg", bar, width=80, height=8, viewBox="0 0 80 8", aria_hidden="true", focusable="false"
    )


def _range(values: list[float | None]) -> Html:
    _, low, high = values
    if low is None or high is None:
        return Html("")
    return tag("span", f"{percent(low)} to {percent(high)}", class_="range")


def _tree(data: dict[str, Any]) -> Html:
    layers = data["tree"]
    if not layers:
        return Html("")

    def branch(layer: int, node: int) -> Html:
        found = layers[layer][node]
        if layer == 0:
            topic = data["topics"][node]
            line = [
                tag(
                    "a",
                    tag("span", str(node), class_="key"),
                    " ",
                    _bdi(topic["label"]),
                    href=f"#topic-{node}",
                    class_="topic-link",
                ),
                tag("span", percent(topic["share"]), class_="share"),
            ]
            return tag("li", *line)
        below = layers[layer - 1]
        children = [place for place, child in enumerate(below) if child["parent"] == node]
        children.sort(key=lambda place: -below[place]["share"])
        part = sum(below[place]["share"] for place in children)
        line = [
            tag("span", _words(found["words"][:6]), class_="group"),
            tag("span", percent(part), class_="share"),
        ]
        inner = [tag("ul", *[branch(layer - 1, place) for place in children])] if children else []
        return tag("li", tag("div", *line), *inner, id=f"group-{layer}-{node}", tabindex="-1")

    top = len(layers) - 1
    roots = sorted(range(len(layers[top])), key=lambda node: -layers[top][node]["share"])
    return tag(
        "section",
        tag("h2", "Groups of topics", id="tree-title"),
        tag(
            "p",
            "Each topic is listed under the group that most of it comes from. The words of a group "
            "are those that set it apart from the whole collection. Percentages are shares of all "
            "words.",
            class_="intro",
        ),
        tag("ul", *[branch(top, node) for node in roots], class_="tree"),
        id="tree",
        class_="wrap",
        aria_labelledby="tree-title",
    )


def _has_periods(data: dict[str, Any]) -> bool:
    return data["time"] is not None and len(data["time"]["x"]) > 1


def _over_time(data: dict[str, Any]) -> Html:
    """Return the place of the curves of all topics."""
    if not _has_periods(data):
        return Html("")
    note = (
        "Each topic's share of the words in each period, with 95% intervals, largest topic first. "
        "Each curve has its own scale, from 0 to the number beside its name."
    )
    return tag(
        "section",
        tag("h2", "Over time", id="over-time-title"),
        tag("p", note, class_="intro"),
        tag("ul", id="multiples", class_="multiples", aria_labelledby="over-time-title"),
        id="over-time",
        class_="wrap needs-js",
        aria_labelledby="over-time-title",
    )


def _documents_note(documents: dict[str, Any]) -> Html:
    shown, total = len(documents["ids"]), documents["total"]
    what = (
        "The page shows all documents"
        if shown == total
        else (
            f"The page shows {shown:,} of {total:,} documents: the most typical documents of each "
            "topic, and a random sample"
        )
    )
    texts = (
        "each with its beginning"
        if documents["texts"]
        else "each with its most frequent words, because the texts were not given"
    )
    return join(
        [
            f"{what}, {texts}. The search covers what is shown here, not the full texts. Open "
            "a document to see how many of its words come from each topic, with 90% intervals."
        ]
    )


def _checks(found: list[Check]) -> Html:
    marks = {GOOD: "as it should be", LOOK: "worth a look"}
    items = []
    for check in found:
        mark = marks.get(check.state)
        state = [] if mark is None else [tag("span", mark, class_=f"state {check.state}")]
        items.append(
            tag(
                "div",
                tag("dt", check.name),
                tag("dd", tag("p", check.value, *state, class_="value"), tag("p", check.meaning)),
            )
        )
    return tag("dl", *items, class_="checks")


def _colophon(date: str) -> Html:
    return join(
        [
            f"Model fitted on {date[:10]}. This page contains passages and metadata of the "
            "documents: share it only with people who may read them. It works without a network "
            "connection and sends nothing anywhere."
        ]
    )
