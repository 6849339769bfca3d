import numpy as np
import pandas as pd
import pytest

from topicgen.errors import InputError
from topicgen.visualization import effects


def table_of(n_topics, terms):
    random = np.random.default_rng(0)
    tables = []
    for term in terms:
        estimate = random.normal(0, 0.5, n_topics)
        ends = {"std_error": 0.1, "low": estimate - 0.2, "high": estimate + 0.2}
        tables.append(
            pd.DataFrame({"topic": range(n_topics), "term": term, "estimate": estimate, **ends})
        )
    return pd.concat(tables, ignore_index=True)


def rows(axis):
    return [label.get_text() for label in axis.get_yticklabels()]


def dots(axis):
    """Return the filled and the open dots: estimates and rows."""
    return [np.asarray(dot.get_offsets()) for dot in axis.collections[1:4:2]]


def test_estimates_are_ordered_by_the_first_term():
    table = table_of(5, ["year", "party[T.Lab]"])
    first, second = effects(table).axes
    estimates = table["estimate"].to_numpy().reshape(2, 5)
    order = np.argsort(-estimates[0])
    assert rows(first) == [f"topic {k}" for k in order]
    for axis, values in zip((first, second), estimates, strict=True):
        drawn = np.vstack(dots(axis))
        drawn = drawn[np.argsort(drawn[:, 1])]
        np.testing.assert_allclose(drawn, np.column_stack([values[order], range(5)]))
    assert [axis.texts[0].get_text() for axis in (first, second)] == ["year", "party: Lab"]


def test_filled_dots_exclude_no_effect():
    table = table_of(2, ["year"])
    table[["estimate", "low", "high"]] = [[0.3, 0.1, 0.5], [0.1, -0.1, 0.3]]
    axis = effects(table).axes[0]
    filled, empty = dots(axis)
    assert filled[:, 0].tolist() == [0.3]
    assert empty[:, 0].tolist() == [0.1]
    assert [line.get_xdata() for line in axis.lines] == [[0, 0]]


def test_the_caption_names_what_a_filled_interval_excludes():
    table = table_of(2, ["year"])
    caption = effects(table, kind="share").get_supxlabel()
    assert caption.endswith("percentage points (filled: the interval excludes 0)")
    ratios = effects(table).get_supxlabel()
    assert ratios == "ratio of tokens (filled: the interval excludes \N{MULTIPLICATION SIGN}1)"


def test_titles_name_the_reference():
    table = table_of(2, ["district[T.Mill Hill]", "year", "hour[T.10:30]"])
    table.attrs["references"] = {"district": "Harbour", "hour": "9:00"}
    figure = effects(table[table["topic"] >= 0])
    titles = [axis.texts[0].get_text() for axis in figure.axes]
    assert titles == ["district: Mill Hill vs Harbour", "year", "hour: 10:30 vs 9:00"]


def test_log_ratios_have_ticks_of_ratios():
    table = table_of(5, ["year"]).assign(estimate=0.0, low=-1.0, high=1.0)
    axis = effects(table).axes[0]
    shown = {
        label.get_text(): at
        for at, label in zip(axis.get_xticks(), axis.get_xticklabels(), strict=True)
    }
    assert shown["\N{MULTIPLICATION SIGN}1"] == 0
    assert np.isclose(shown["\N{MULTIPLICATION SIGN}2"], np.log(2))


@pytest.mark.parametrize("kind", ["share", "presence"])
def test_differences_are_percentage_points(kind):
    table = table_of(2, ["year"])
    figure = effects(table, kind=kind, topics=[0, 1])
    drawn = np.vstack(dots(figure.axes[0]))
    np.testing.assert_allclose(np.sort(drawn[:, 0]), np.sort(100 * table["estimate"]))
    assert "percentage points" in figure.get_supxlabel()


def test_topics_and_terms_asked_for(model_of):
    table = table_of(5, ["year", "age"])
    figure = effects(table, model_of(5), topics={3: "war", 0: "tax"}, terms={"age": "Age"})
    assert rows(figure.axes[0]) == ["3 war", "0 tax"]
    assert [axis.texts[0].get_text() for axis in figure.axes] == ["Age"]


def test_columns_of_curves_are_left_out():
    table = table_of(2, ["year", "s(date, df=3)[1]", "s(date, df=3)[2]"])
    assert len(effects(table).axes) == 1
    with pytest.raises(InputError, match=r"only columns of curves.* draw over_time\(model\.pred"):
        effects(table[table["term"] != "year"])
    assert len(effects(table, terms=["s(date, df=3)[1]"]).axes) == 1


def test_of_many_topics_those_with_the_largest_effects_are_shown():
    table = table_of(300, ["year"])
    figure = effects(table)
    size = table["estimate"].abs().sort_values(ascending=False)
    shown = {f"topic {k}" for k in size.index[:30]}
    assert set(rows(figure.axes[0])) == shown
    assert figure.get_suptitle().startswith("the 30 most affected of 300 topics")


def test_of_many_terms_the_first_six_are_shown():
    figure = effects(table_of(40, [f"x{i}" for i in range(8)]))
    assert len(figure.axes) == 6
    assert len(rows(figure.axes[0])) == 15
    assert figure.get_suptitle() == "the first 6 of 8 terms; the 15 most affected of 40 topics"


def test_an_interval_that_says_nothing_does_not_hide_the_others():
    table = table_of(10, ["year"])
    table.loc[3, ["std_error", "low", "high"]] = [1e3, -2e3, 2e3]
    table.loc[4, ["std_error", "low", "high"]] = [np.inf, -np.inf, np.inf]
    figure = effects(table)
    axis = figure.axes[0]
    low, high = axis.get_xlim()
    assert -3 < low < high < 3
    arrows = [len(arrow.get_offsets()) for arrow in axis.collections[-2:]]
    assert arrows == [2, 2]
    assert figure.get_suptitle() == "intervals with an arrow go on"
    figure.draw_without_rendering()


def test_nothing_is_known():
    table = table_of(2, ["year"]).assign(low=-np.inf, high=np.inf, std_error=np.inf)
    effects(table).draw_without_rendering()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kind": "ratio"}, "kind must be one of 'log_rate', "),
        ({"terms": ["age"]}, "the table has no term 'age'; its terms are 'year'"),
        ({"terms": []}, "terms is empty"),
        ({"terms": "year"}, "terms must be names, .* got 'year'"),
        ({"topics": [9]}, "topics has 9"),
        ({"width": 0}, r"width must be 2\.5 to 40 inches, got 0; use 3\.4 for one column"),
    ],
)
def test_what_is_wrong_is_refused(options, message):
    with pytest.raises(InputError, match=message):
        effects(table_of(2, ["year"]), **options)


def test_topics_in_a_table_are_numbers():
    table = table_of(2, ["year"])
    with pytest.raises(InputError, match="'topic' must hold the numbers of topics, got 'tax'"):
        effects(table.assign(topic="tax"))
    with pytest.raises(InputError, match=r"topics must be numbers.* got array\(1\)"):
        effects(table, topics=np.array(1))


def test_a_fit(trained):
    import topicgen

    docs = ["cats purr and cats sleep", "dogs bark and dogs run"] * 20
    people = {"owner": ["old", "young"] * 20, "year": range(40)}
    model = topicgen.TopicModel(2, prevalence="~ owner + year", max_epochs=2, random_state=0)
    table = model.fit(docs, metadata=people).effects()
    figure = effects(table, model)
    assert [axis.texts[0].get_text() for axis in figure.axes] == ["owner: young vs old", "year"]
