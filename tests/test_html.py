import html as standard

from topicgen.html import Html, Mark, bar, escape, facts, fragment, join, marked, table, tag


def test_text_stays_text_wherever_it_stands(hostile, parsed):
    text = hostile
    made = fragment(
        tag("p", text, title=text),
        table([text], [[text]], caption=text),
        facts(text, [text]),
        bar(0.5, text),
        marked(text, [Mark(0, 3, title=text, note=text)]),
    )
    found = parsed(made)
    plain = escape(text)
    assert found.text.count(standard.unescape(plain)) >= 7 + (len(text) < 4)
    allowed = {"div", "style", "p", "table", "caption", "thead", "tbody", "tr", "th"}
    assert {name for name, _ in found.elements} <= allowed | {"b", "span", "mark", "sub"}
    names = {name for _, attributes in found.elements for name in attributes}
    assert names <= {"class", "title", "scope", "style", "aria-hidden"}
    made.encode()
    assert not set(made) & set("\x1b\x07\x00\u202e\u2066\u200b")


def test_layout_stays_and_what_hides_is_shown():
    assert escape("a\tb\nc\rd\u202e\u2028") == "a\tb\nc\\rd\\u202e\\u2028"
    assert escape("café 北京 نامه\u200cها") == "café 北京 نامه\u200cها"


def test_what_is_html_is_not_escaped_again():
    assert escape(escape("a & b")) == "a &amp; b"
    assert isinstance(join(["a", tag("b", "c")]), Html)
    assert bar(1, tag("b", "all")).endswith(" <b>all</b></span>")


def test_lengths_of_bars_are_shares_of_the_longest():
    widths = [bar(share, "", longest=0.5).split("width: ")[1].split("%")[0] for share in (0.25, 9)]
    assert widths == ["50", "100"]
    assert "width: 0%" in bar(0, "0", longest=0)
    assert "width: 0%" in bar(float("nan"), "")


def test_numbers_are_flush_right_and_heads_have_scopes(parsed):
    made = table(["word", "share"], [["bank", "10%"]], numbers=[1])
    elements = parsed(made).elements
    assert [attributes for name, attributes in elements if name == "th"] == [
        {"scope": "col"},
        {"scope": "col", "class": "number"},
        {"scope": "row"},
    ]
    assert ("td", {"class": "number"}) in elements


def test_marks_do_not_overlap():
    made = marked("abcdef", [Mark(2, 4), Mark(0, 3), Mark(5, 5), Mark(4, 6, note="7")])
    assert made == "<mark>abc</mark>d<mark>ef<sub>7</sub></mark>"


def test_nothing_runs():
    assert "script" not in fragment("text")
    assert "url(" not in fragment("text")
