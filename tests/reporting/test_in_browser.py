"""The page in a real browser."""

import json
import re

import numpy as np
import pytest

from topicgen import TopicModel
from topicgen.reporting import report

THEMES, WIDTHS = ("light", "dark"), (360, 1440)


def words(page):
    return page.locator("#words tbody th").all_inner_texts()


def ids(page):
    return page.locator("#document-table tbody button.open").all_inner_texts()


def wait_for_topic(page, topic):
    """Wait until a topic is shown: a change of the address takes effect a moment later."""
    shown = re.compile(f"^Topic {topic},")
    page.locator("#topic .topic-line .kicker", has_text=shown).wait_for(timeout=5_000)


def test_topics_are_on_the_map_and_in_the_list(visit, news_page):
    page = visit(news_page)
    assert page.locator("#map a.circle").count() == 4
    assert page.locator("#index a").count() == 4
    assert page.title() == "News of four kinds"
    assert "Economy & <b>trade</b>" in page.locator("#index").inner_text()


def test_the_slider_changes_the_order_of_words(visit, news_page):
    page = visit(news_page)
    orders = []
    for value in ("0", "1"):
        page.locator("#lambda").fill(value)
        orders.append(words(page))
    assert orders[0] != orders[1]
    weights = page.locator("#words tbody td:nth-child(3)").all_inner_texts()
    numbers = [float(text.strip("<%")) for text in weights]
    assert numbers == sorted(numbers, reverse=True)  # at 1, by probability


def test_a_word_shows_where_it_is_used(visit, news_page):
    page = visit(news_page)
    button = page.locator("#words button.word").first
    button.click()
    assert button.get_attribute("aria-pressed") == "true"
    assert button.inner_text() in page.locator("#map-note").inner_text()
    radii = page.locator("#map .use").evaluate_all(
        "all => all.map(x => Number(x.getAttribute('r')))"
    )
    assert max(radii) > 5
    button.click()
    page.mouse.move(0, 0)
    assert "area of a circle" in page.locator("#map-note").inner_text()
    button.hover()
    assert button.inner_text() in page.locator("#map-note").inner_text()


def test_search_filters_documents(visit, news_page):
    page = visit(news_page)
    assert page.locator("#found").inner_text().startswith("160 documents")
    page.locator("#search").fill("story 77.")
    page.locator("#found", has_text=re.compile("^1 document$")).wait_for()
    assert ids(page) == ["78"]
    page.locator("#search").fill("no such word")
    page.locator("#found", has_text="No document").wait_for()
    assert ids(page) == []


def test_documents_are_sorted(visit, news_page):
    page = visit(news_page)
    page.locator("#sort").select_option(label="votes")
    column = page.evaluate("JSON.parse(document.getElementById('data').textContent).documents")
    votes = next(c["numbers"] for c in column["columns"] if c["name"] == "votes")
    assert [votes[int(i) - 1] for i in ids(page)] == sorted(votes)[:20]
    page.locator("#direction").click()
    assert [votes[int(i) - 1] for i in ids(page)] == sorted(votes)[:-21:-1]
    page.locator("button.sort[data-key=length]").click()
    lengths = column["lengths"]
    assert [lengths[int(i) - 1] for i in ids(page)] == sorted(lengths)[:-21:-1]
    assert page.locator("th[aria-sort=descending]").count() == 1


def test_documents_of_a_topic_have_its_words_with_intervals(visit, news_page):
    page = visit(news_page)
    page.locator("#of-topic").select_option("2")
    cells = page.locator("td[data-name='Topic 2']").all_inner_texts()
    amounts = [float(cell.split()[0]) for cell in cells]
    assert amounts == sorted(amounts, reverse=True)
    assert all(re.search(r"\d+ to \d+", cell) for cell in cells)


def test_pages_of_documents_are_turned(visit, news_page):
    page = visit(news_page)
    assert ids(page)[0] == "1"
    page.get_by_role("button", name="Next page").click()
    assert ids(page)[0] == "21"
    assert "21 to 40" in page.locator("#found").inner_text()
    assert page.get_by_role("button", name="Previous page").is_enabled()


def test_a_document_opens(visit, news_page):
    page = visit(news_page)
    page.locator("#document-0").click()
    assert page.locator("#document-0").get_attribute("aria-expanded") == "true"
    detail = page.locator("tr.detail").inner_text()
    assert "2000-01-15" in detail
    assert "90% interval" in detail
    page.locator("#document-0").click()
    assert page.locator("tr.detail").count() == 0


def test_addresses_survive_a_reload(visit, news_page):
    page = visit(news_page, "#topic-2")
    wait_for_topic(page, 2)
    page.locator(".near a.topic-link").first.click()
    other = re.search(r"#topic-(\d)", page.url)[1]
    wait_for_topic(page, other)
    page.reload()
    page.wait_for_selector("html[data-ready]")
    wait_for_topic(page, other)
    page.go_back()
    wait_for_topic(page, 2)


def test_a_passage_leads_to_its_document(visit, news_page):
    page = visit(news_page)
    link = page.locator(".passages .source a").first
    link.click()
    page.wait_for_selector("tr.detail")
    focused = page.evaluate("document.activeElement.innerText")
    assert focused == link.inner_text()


def test_the_keyboard_alone_reaches_topic_passages_and_documents(visit, news_page):
    page = visit(news_page)

    def focused():
        return page.evaluate(
            "(() => { const a = document.activeElement;"
            "const name = a.className.baseVal ?? a.className;"
            "return [name, a.id, a.getAttribute('href') || ''].join(' ') })()"
        )

    page.keyboard.press("Tab")
    assert "skip" in focused()
    assert page.locator(".skip").bounding_box()["y"] >= 0  # it shows when it has the focus
    page.keyboard.press("Enter")
    page.locator("main:focus").wait_for(timeout=5_000)
    for _ in range(3):
        page.keyboard.press("Tab")
        if "circle" in focused():
            break
    assert "circle" in focused()
    before = focused()
    for key in ("ArrowRight", "ArrowLeft", "ArrowUp", "ArrowDown"):
        page.keyboard.press(key)
        if focused() != before:
            break
    assert "circle" in focused()
    assert focused() != before
    chosen = re.search(r"#topic-(\d)", focused())[1]
    page.keyboard.press("Enter")
    wait_for_topic(page, chosen)
    seen = []
    for _ in range(80):
        page.keyboard.press("Tab")
        seen.append(focused())
        if "#document-" in seen[-1]:
            break
    assert any("lambda" in one for one in seen)
    page.keyboard.press("Enter")
    page.wait_for_selector("tr.detail")
    assert "open document-" in focused()
    page.keyboard.press("Enter")
    assert page.locator("tr.detail").count() == 0


def test_arrow_keys_move_along_the_list_of_topics(visit, news_page):
    page = visit(news_page)
    links = page.locator("#index a")
    assert [links.nth(i).get_attribute("tabindex") for i in range(4)] == ["0", "-1", "-1", "-1"]
    links.first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    wait_for_topic(page, links.nth(1).get_attribute("data-topic"))
    assert links.nth(1).get_attribute("aria-current") == "true"
    assert links.nth(1).get_attribute("tabindex") == "0"


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_everybody_can_read_it(visit, axe, news_page, theme, width):
    """No violation that axe-core calls serious or critical, and no scrolling sideways."""
    page = visit(news_page, width=width, color_scheme=theme)
    page.locator("#document-1").click()
    page.locator("summary").first.click()
    found = axe.run(page).response["violations"]
    bad = [
        (one["id"], [node["html"][:120] for node in one["nodes"][:3]])
        for one in found
        if one["impact"] in ("serious", "critical")
    ]
    assert bad == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_theme_can_be_chosen_and_is_kept(visit, news_page):
    page = visit(news_page, color_scheme="light")
    paper = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(paper)
    page.locator("#theme").click()
    dark = page.evaluate(paper)
    assert sum(map(int, re.findall(r"\d+", dark))) < 150 < sum(map(int, re.findall(r"\d+", light)))
    page.reload()
    assert page.evaluate(paper) == dark
    assert page.locator("#theme").inner_text() == "Light theme"


def test_the_whole_navigation_is_visible_on_a_phone(visit, news_page):
    page = visit(news_page, width=390, height=844)
    links = page.locator("nav.sections a").all()
    assert len(links) >= 5
    for element in (*links, page.locator("#theme")):
        box = element.bounding_box()
        seen = page.evaluate(
            "([x, y]) => document.elementFromPoint(x, y - scrollY)?.textContent",
            [box["x"] + box["width"] - 1, box["y"] + box["height"] / 2],
        )
        assert seen == element.text_content()
        assert box["x"] + box["width"] <= 390


@pytest.mark.parametrize("width", [390, 1280])
def test_names_on_the_map_touch_nothing(visit, news_page, width):
    page = visit(news_page, width=width, height=844)
    boxes = page.locator("#map .names text").evaluate_all(
        "all => all.map(x => x.getBBox()).map(b => [b.x, b.y, b.x + b.width, b.y + b.height])"
    )
    discs = page.locator("#map .disc").evaluate_all(
        "all => all.map(x => ['cx', 'cy', 'r'].map(name => Number(x.getAttribute(name))))"
    )
    assert len(boxes) == 4
    for left, top, right, bottom in boxes:
        assert left >= 0
        assert right <= page.locator("#map svg").bounding_box()["width"]
        for x, y, r in discs:
            away = np.hypot(x - np.clip(x, left, right), y - np.clip(y, top + 3, bottom - 3))
            assert away >= r - 1


def test_other_halves_are_hidden_in_training(visit, news_page):
    text = visit(news_page).locator("#training").inner_text()
    assert ("other random halves" in text) == ("held-out documents" in text)
    assert "Training" in text


def test_nothing_hostile_runs(visit, hostile_page):
    page = visit(hostile_page, width=360)
    page.evaluate("for (const b of document.querySelectorAll('#words button.word')) b.click()")
    page.locator("#document-0").click()
    page.locator("#search").fill("<script>")
    page.wait_for_timeout(200)
    for place in ("#topic-1", "#document-2", "#documents-of-0", "#topic-<img>", "#%00"):
        page.evaluate("place => { location.hash = place; }", place)
        page.wait_for_timeout(30)
    assert page.locator("main img, main script, main iframe").count() == 0
    assert page.locator("h1").inner_text().startswith("<script>alert(1)</script>")
    assert "onerror=alert(2)" in page.locator("#overview").inner_text()
    text = page.locator("body").inner_text()
    assert not re.search("[\x00\x1b\u202e\ud800-\udfff]", text)
    assert "\\u202e" in text
    assert "\\x1b" in text
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_the_policy_stops_what_should_not_be_there(browser, news_page, tmp_path):
    """Were something to slip through, the browser would not run it."""
    path = tmp_path / "tampered.html"
    evil = "<script>document.title = 'evil'</script><img src='x' onerror='document.title = 1'>"
    path.write_text(news_page.read_text("utf-8").replace("<main", f"{evil}<main"), "utf-8")
    with browser.new_context() as context:
        page = context.new_page()
        stopped = []
        page.on("console", lambda message: stopped.append(message.text))
        page.goto(path.as_uri())
        page.wait_for_selector("html[data-ready]")
        assert page.title() == "News of four kinds"
        assert sum("Content Security Policy" in message for message in stopped) >= 2


def test_it_prints(visit, news_page, tmp_path):
    page = visit(news_page)
    page.emulate_media(media="print")
    assert not page.locator("nav.sections").is_visible()
    assert page.locator("#overview").is_visible()
    assert page.locator("#words").is_visible()
    assert len(page.pdf()) > 20_000


def test_without_scripts_the_essentials_are_there(visit, news_page):
    page = visit(news_page, expect_ready=False, java_script_enabled=False)
    rows = page.locator("#overview tbody tr")
    assert rows.count() == 4
    assert "market" in page.locator("#overview").inner_text()
    assert "perplexity" in page.locator("#quality").inner_text()
    assert not page.locator("#documents").is_visible()
    assert not page.locator("#theme").is_visible()


def test_curves_over_time_and_effects_are_drawn(visit, news_page):
    page = visit(news_page)
    titles = page.locator("#topic h4").all_inner_texts()
    assert {"Over time", "Who and when", "Similar topics"} <= set(titles)
    assert page.locator("#topic .chart svg").count() == 3
    assert "party = Right" in page.locator("#topic").inner_text()


def test_all_topics_over_time_lead_to_each(visit, news_page, deep_page):
    page = visit(news_page)
    links = page.locator("#multiples a")
    assert links.count() == 4
    assert re.search(r"from [\d.%<]+ in 2000 to [\d.%<]+ in 2009", links.first.inner_text())
    chosen = re.search(r"\d", links.last.get_attribute("href"))[0]
    links.last.click()
    wait_for_topic(page, chosen)
    assert visit(deep_page).locator("#over-time").count() == 0  # without dates


def test_topics_have_their_place_in_the_tree(visit, deep_page):
    page = visit(deep_page)
    assert page.locator("#tree .topic-link").count() == 4
    group = page.locator(".place-part a").first
    group.click()
    page.locator("li[id^='group-1-']:focus").wait_for(timeout=5_000)


# -- models and documents of all shapes ----------------------------------------------------------


@pytest.mark.parametrize("n_topics", [1, 2, 300])
def test_any_number_of_topics(visit, page_of, counts_of, n_topics):
    counts = counts_of(310, 40)
    model = TopicModel(n_topics, max_epochs=1, random_state=0).fit(counts)
    page = visit(page_of(model, counts, most_documents=60), width=360)
    assert page.locator("#map a.circle").count() == n_topics
    assert len(words(page)) == 30
    assert "texts were not given" in page.locator("#documents .intro").inner_text()
    inside = page.evaluate(
        "() => { const box = document.querySelector('#map svg').getBoundingClientRect();"
        "return [...document.querySelectorAll('#map .disc')].every(disc => {"
        "const d = disc.getBoundingClientRect();"
        "return d.left >= box.left && d.right <= box.right && d.top >= box.top"
        " && d.bottom <= box.bottom; }) }"
    )
    assert inside
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_empty_documents_and_scripts_of_the_world(visit, page_of):
    texts = [
        "שלום עולם ספר ילד בית ספר שלום",
        "كتاب ولد بيت مدرسة كتاب ولد",
        "book child house school book child",
        "Straße Größe Übung Straße Größe",
        "",
    ] * 8
    model = TopicModel(2, max_epochs=2, random_state=0).fit(texts)
    page = visit(page_of(model, texts), width=360)
    page.locator("#document-0").click()
    excerpt = page.locator("#document-0 + .excerpt")
    assert excerpt.evaluate("e => getComputedStyle(e).direction") == "rtl"
    page.locator("#document-4").click()
    assert "no word of the model’s vocabulary" in page.locator("#documents").inner_text()
    assert "8" in page.locator("#quality").inner_text()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_a_large_collection_is_sampled_and_the_page_says_so(visit, page_of, news, fitted):
    texts, metadata = news
    path = page_of(fitted, texts, metadata=metadata, most_documents=50)
    page = visit(path)
    assert "50 of 160 documents" in page.locator("#documents .intro").inner_text()
    assert page.locator("#found").inner_text().startswith("50 documents")
    assert "random sample" in page.locator("#topic").inner_text()  # of the curve over time
    assert page.locator(".passages li").count() > 0


def test_the_page_is_small(news_page, news):
    assert news_page.stat().st_size < 400_000 + 2_000 * len(news[0])


def test_two_reports_of_the_same_are_the_same(fitted, news):
    texts, metadata = news
    first, second = (report(fitted, texts[:30], metadata=metadata[:30]).html for _ in range(2))
    assert first == second


def test_a_model_of_numbers_alone(visit, page_of, counts_of):
    """Columns without words go by their numbers."""
    counts = counts_of(60, 12)
    model = TopicModel(2, max_epochs=2, random_state=0).fit(counts)
    page = visit(page_of(model, counts))
    assert set(words(page)) <= set(map(str, range(12)))
    assert np.all([name.isdigit() for name in words(page)])


def changed(source, path, change):
    """Return a page with other numbers: ``change`` gets the data of an existing one."""
    start = '<script type="application/json" id="data">'
    before, rest = source.read_text("utf-8").split(start)
    contents, after = rest.split("</script>", 1)
    data = json.loads(contents)
    change(data)
    path.write_text(before + start + json.dumps(data) + "</script>" + after, "utf-8")
    return path


@pytest.mark.parametrize("scale", [1.0, 100.0])
def test_an_axis_shows_each_number_once(visit, news_page, tmp_path, scale):
    def change(data):
        data["training"]["perplexity"] = [scale * x for x in (11.9, 11.0, 11.5, 11.3)]

    page = visit(changed(news_page, tmp_path / "page.html", change))
    ticks = page.locator("#training .tick[text-anchor=end]").all_text_contents()
    ticks = [tick for tick in ticks if tick != "4"]  # of the passes
    assert len(ticks) == len(set(ticks)) > 1


def test_ratios_beyond_reading_are_bounds(visit, news_page, tmp_path):
    def change(data):
        assert data["effects"]["terms"]
        for rows in data["effects"]["topics"]:
            rows[0] = [16.2, 1e-9, 1.39e22]

    page = visit(changed(news_page, tmp_path / "page.html", change), width=360)
    page.locator("#topic .covariate table.plain").last.wait_for()
    cells = page.locator("#topic .covariate > table.plain td").all_inner_texts()
    assert cells[:2] == ["×16", "under ×0.01 to over ×1,000"]
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
