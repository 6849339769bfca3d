import csv
import io
import json
import math
import random
from pathlib import Path

import pytest

from topicgen import effects
from topicgen.cli.effects import KINDS, OF

SUBJECTS = {
    "business": "market stocks shares bank profit trade price economy investor rates",
    "sport": "match goal team player coach league season score cup referee",
}


@pytest.fixture(scope="session")
def speeches(tmp_path_factory):
    """A table of 200 texts: .8 of those of Con is on business, and .2 of those of Lab."""
    rng = random.Random(0)
    path = tmp_path_factory.mktemp("corpus") / "speeches.csv"
    with path.open("w") as table:
        table.write("id,text,party,date,speaker,note\n")
        for number in range(200):
            party = ("Con", "Lab")[number % 2]
            share = {"Con": rng.betavariate(0.8, 0.2), "Lab": rng.betavariate(0.2, 0.8)}[party]
            words = [
                rng.choice(SUBJECTS["business" if rng.random() < share else "sport"].split())
                for _ in range(20)
            ]
            date = f"{1990 + number // 10}-0{1 + number % 9}-01"
            table.write(f"d{number},{' '.join(words)},{party},{date},s{number % 20},x\n")
    return str(path)


@pytest.fixture(scope="session")
def with_effects(speeches, tmp_path_factory):
    from click.testing import CliRunner

    from topicgen.cli import main

    folder = str(tmp_path_factory.mktemp("models") / "model")
    words = ["fit", speeches, "-k", "2", "-o", folder, "--max-epochs", "30", "--quiet"]
    more = ["--max-df", "1.0", "--prevalence", "~ party + date"]
    result = CliRunner().invoke(main, [*words, *more])
    assert result.exit_code == 0, result.stderr
    return folder, result.stdout


def test_fit_names_the_next_command(with_effects):
    assert with_effects[1].endswith(
        f"\nmodel: {with_effects[0]}\nnext: topicgen effects {with_effects[0]}\n"
    )


def test_a_table_per_term(run, with_effects):
    result = run("effects", with_effects[0], "-n", 3)
    assert result.exit_code == 0, result.stderr
    first, second, note = result.stdout.split("\n\n")
    assert first.splitlines()[0] == "party: Lab vs Con"
    assert second.splitlines()[0] == "date"
    assert note == "* the 95% interval excludes 0\n"
    more, less = first.splitlines()[2:]
    assert set(more.split("  ")[-1].split(", ")) < set(SUBJECTS["sport"].split())
    assert set(less.split("  ")[-1].split(", ")) < set(SUBJECTS["business"].split())
    assert " * " in more
    assert " * " in less
    # Four times as many tokens in one party, out of as many in all: log(.8 / .2) = 1.4.
    assert 1.1 < float(more.split()[1]) < 1.7
    assert -1.7 < float(less.split()[1]) < -1.1


def test_json_and_csv(run, with_effects):
    records = json.loads(run("effects", with_effects[0], "--json").stdout)
    assert len(records) == 4
    assert list(records[0]) == [
        "topic", "term", "estimate", "std_error", "low", "high", "ratio", "ratio_low", "ratio_high",
    ]  # fmt: skip
    for record in records:
        assert record["low"] < record["estimate"] < record["high"]
        assert record["ratio"] == pytest.approx(math.exp(record["estimate"]))
    rows = list(csv.DictReader(io.StringIO(run("effects", with_effects[0], "--csv").stdout)))
    assert [row["term"] for row in rows] == [record["term"] for record in records]
    assert [float(row["high"]) for row in rows] == pytest.approx(
        [record["high"] for record in records], rel=5e-6
    )
    assert max(len(row["std_error"]) for row in rows) <= len("0.000123456")


def test_shares_sum_to_0_and_have_no_ratio(run, with_effects):
    records = json.loads(run("effects", with_effects[0], "--json", "--kind", "share").stdout)
    assert "ratio" not in records[0]
    of_party = [record["estimate"] for record in records if record["term"] == "party[T.Lab]"]
    assert sum(of_party) == pytest.approx(0, abs=1e-6)
    assert max(of_party) == pytest.approx(0.6, abs=0.1)


def test_topics_and_level(run, with_effects):
    records = json.loads(run("effects", with_effects[0], "--json", "--topic", 1).stdout)
    assert {record["topic"] for record in records} == {1}
    narrow = json.loads(
        run("effects", with_effects[0], "--json", "--topic", 1, "--level", 0.5).stdout
    )
    assert narrow[0]["high"] < records[0]["high"]
    assert "50% interval" in run("effects", with_effects[0], "--level", 0.5).stdout


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_table(run, with_effects, kind):
    result = run("effects", with_effects[0], "--kind", kind)
    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith("party: Lab vs Con\n")


class TestOver:
    def test_a_factor(self, run, with_effects):
        result = run("effects", with_effects[0], "--over", "party", "-n", 2)
        assert result.exit_code == 0, result.stderr
        head, *lines, empty, held = result.stdout.splitlines()
        assert empty == ""
        assert held == "at date = 1999-10-30 (the mean)"
        assert head.split() == ["topic", "Con", "Lab", "words"]
        assert len(lines) == 2
        of_sport = next(line for line in lines if line.split()[-1] in SUBJECTS["sport"])
        con, lab = (float(word.rstrip("%")) for word in of_sport.split() if word[-1] == "%")
        assert 10 < con < 35
        assert 65 < lab < 90

    def test_records_of_a_date(self, run, with_effects):
        records = json.loads(run("effects", with_effects[0], "--over", "date", "--json").stdout)
        assert len(records) == 100
        assert list(records[0]) == [
            "topic",
            "party",
            "date",
            "estimate",
            "std_error",
            "low",
            "high",
        ]
        assert records[0]["date"].startswith("1990-01-01")
        text = run("effects", with_effects[0], "--over", "date", "--topic", 0, "--csv").stdout
        assert len(list(csv.DictReader(io.StringIO(text)))) == 50

    def test_the_average_over_the_documents(self, run, with_effects):
        """Half of the documents are of each party, and the date says next to nothing."""
        args = ("effects", with_effects[0], "--over", "date")
        assert run(*args).stdout.endswith("\n\nat party = Con (the most frequent)\n")
        average = run(*args, "--average")
        assert average.stdout.endswith("\n\naveraged over the documents with their own party\n")
        records = json.loads(run(*args, "--average", "--json").stdout)
        assert len(records) == 100
        assert list(records[0]) == ["topic", "date", "estimate", "std_error", "low", "high"]
        of_con, of_lab = (
            json.loads(run("effects", with_effects[0], "--over", "party", "--json").stdout)[k]
            for k in (0, 1)
        )
        middle = [record["estimate"] for record in records if record["topic"] == 0][24:26]
        assert sum(middle) / 2 == pytest.approx(
            (of_con["estimate"] + of_lab["estimate"]) / 2, abs=0.005
        )

    def test_a_band_is_wider(self, run, with_effects):
        args = ("effects", with_effects[0], "--over", "date", "--json")
        alone, band = (
            json.loads(run(*args, *more).stdout)[0] for more in ((), ("--simultaneous",))
        )
        assert band["estimate"] == alone["estimate"]
        assert band["high"] > alone["high"]

    def test_amounts_are_tokens(self, run, with_effects):
        args = ("--over", "party", "--kind", "log_rate", "--of", "amount")
        result = run("effects", with_effects[0], *args)
        assert result.exit_code == 0, result.stderr
        assert "%" not in result.stdout

    def test_mistakes(self, run, refused, with_effects, model):
        refused(run("effects", with_effects[0], "--over", "speaker"), "'party', 'date'")
        refused(run("effects", with_effects[0], "--simultaneous"), "goes with --over")
        refused(run("effects", with_effects[0], "--average"), "goes with --over")
        args = ("--over", "party", "--average", "--kind", "log_rate")
        refused(run("effects", with_effects[0], *args), "(--average)", "kind='share' or 'presence'")
        refused(run("effects", model, "--over", "party"), "without covariates")


def test_the_options_are_those_of_the_package():
    assert set(KINDS) == set(effects.KINDS)
    assert set(OF) == set(effects.OF)


def test_a_topic_may_be_given_by_its_name(run, refused, with_effects, tmp_path):
    named = tmp_path / "named"
    edit = ["edit", with_effects[0], "--rename", "0=trade", "--rename", "1=sport", "-o", named]
    assert run(*edit).exit_code == 0
    by_name = run("effects", named, "--json", "--topic", "sport")
    assert by_name.exit_code == 0, by_name.stderr
    assert by_name.stdout == run("effects", named, "--json", "--topic", 1).stdout
    assert {record["topic"] for record in json.loads(by_name.stdout)} == {1}
    refused(run("effects", named, "--topic", "sprot"), "the names are 'trade', 'sport'")


def test_mistakes(run, refused, with_effects, model, tmp_path):
    refused(
        run("effects", with_effects[0], "--topic", 2), "--topic: topics are numbered from 0 to 1"
    )
    refused(run("effects", with_effects[0], "--topic", "sport"), "no topic is named 'sport'")
    refused(run("effects", with_effects[0], "--csv", "--json"), "exclude each other")
    refused(run("effects", with_effects[0], "--kind", "odds"), "'odds' is not one of")
    refused(run("effects", with_effects[0], "--kind", "share", "--of", "amount"), "'log_rate'")
    refused(run("effects", tmp_path / "none"), "none' does not exist; check the path")
    refused(run("effects", model), "without covariates", "(--prevalence)")


class TestFit:
    def fit(self, run, tmp_path, *args):
        return run(
            "fit", *args, "-k", 2, "-o", tmp_path / "m", "--max-epochs", 1, "--quiet",
        )  # fmt: skip

    @pytest.mark.parametrize(
        ("formula", "line"),
        [
            ("~ party +", "check its operators"),
            ("a ~ party", "leave out the left side"),
            ("~ 1", "leave prevalence out"),
            ("~ __import__('os').system('x')", "'__import__'"),
        ],
    )
    def test_a_formula_is_checked_before_the_input_is_read(
        self, run, refused, tmp_path, formula, line
    ):
        refused(self.fit(run, tmp_path, "no such input", "--prevalence", formula), line)

    @pytest.mark.parametrize(
        ("formula", "lines"),
        [
            ("~ partyy", ["'partyy'", "; did you mean 'party'?"]),
            ("~ id", ["'id'"]),
            ("~ note", ["'note'", "leave it out"]),
            ("~ party + {party == 'Con'}", ["one of which follows from the others"]),
        ],
    )
    def test_metadata_that_cannot_be_used(self, run, refused, tmp_path, speeches, formula, lines):
        result = self.fit(run, tmp_path, speeches, "--max-df", "1.0", "--prevalence", formula)
        refused(result, *lines)
        assert not (tmp_path / "m").exists()

    def test_texts_without_columns(self, run, refused, tmp_path):
        path = tmp_path / "a.txt"
        path.write_text("bank rates\ngoal team\n" * 20)
        result = self.fit(run, tmp_path, path, "--prevalence", "~ party")
        refused(result, "columns to keep", "--metadata")

    def test_a_table_of_metadata(self, run, tmp_path, speeches):
        rows = list(csv.DictReader(io.StringIO(Path(speeches).read_text())))
        (tmp_path / "a.txt").write_text("".join(f"{row['text']}\n" for row in rows))
        about = "".join(f"{number},{row['party']}\n" for number, row in enumerate(rows, 1))
        (tmp_path / "about.csv").write_text(f"id,party\n{about}")
        result = self.fit(
            run, tmp_path, tmp_path / "a.txt", "--metadata", tmp_path / "about.csv",
            "--max-df", "1.0", "--prevalence", "~ .",
        )  # fmt: skip
        assert result.exit_code == 0, result.stderr
        assert run("effects", tmp_path / "m").stdout.startswith("party: Lab vs Con\n")

    def test_a_corpus_folder_and_a_random_intercept(self, run, tmp_path, speeches):
        built = run(
            "corpus", "build", speeches, "--keep", "all", "-o", tmp_path / "c", "--max-df", "1.0"
        )
        assert built.exit_code == 0, built.stderr
        formula = "~ s(date, df=3) + (1 | speaker)"
        result = self.fit(run, tmp_path, tmp_path / "c", "--prevalence", formula)
        assert result.exit_code == 0, result.stderr
        assert run("effects", tmp_path / "m").stdout == (
            f"s(date, df=3) is a curve; see topicgen effects {tmp_path / 'm'} --over date\n"
        )

    def test_random_intercepts_alone(self, run, refused, tmp_path, speeches):
        args = ("--max-df", "1.0", "--prevalence", "~ (1 | speaker)")
        result = self.fit(run, tmp_path, speeches, *args)
        assert result.exit_code == 0, result.stderr
        refused(run("effects", tmp_path / "m"), "a formula with covariates")
        refused(run("effects", tmp_path / "m", "--over", "speaker"), "a variable of prevalence")


class TestNewDocuments:
    def proportions(self, result):
        assert result.exit_code == 0, result.stderr
        return [float(row["topic_0"]) for row in csv.DictReader(io.StringIO(result.stdout))]

    def test_covariates_of_a_table_are_used(self, run, with_effects, tmp_path):
        new = tmp_path / "new.csv"
        new.write_text("text,party,date\ngoal rates,Con,2000-01-01\ngoal rates,Lab,2000-01-01\n")
        result = run("transform", with_effects[0], new)
        con, lab = self.proportions(result)
        assert abs(con - lab) > 0.05
        assert result.stderr == ""
        assert result.stdout.splitlines()[0] == "id,topic_0,topic_1,n_tokens,unknown_share"
        kept = run("transform", with_effects[0], new, "--keep", "party")
        assert kept.stdout.splitlines()[0].endswith("unknown_share,party")
        assert self.proportions(kept) == [con, lab]

    def test_a_covariate_may_be_called_id(self, run, speeches, tmp_path):
        rows = list(csv.DictReader(io.StringIO(Path(speeches).read_text())))
        lines = [f"{row['party']},{row['text']}\n" for row in rows]
        (tmp_path / "a.csv").write_text("id,text\n" + "".join(lines))
        result = run(
            "fit", tmp_path / "a.csv", "-k", 2, "-o", tmp_path / "m", "--max-epochs", 30, "--quiet",
            "--max-df", "1.0", "--prevalence", "~ id",
        )  # fmt: skip
        assert result.exit_code == 0, result.stderr
        (tmp_path / "new.csv").write_text("id,text\nCon,goal rates\nLab,goal rates\n")
        of_table = run("transform", tmp_path / "m", tmp_path / "new.csv")
        con, lab = self.proportions(of_table)
        assert abs(con - lab) > 0.05
        assert of_table.stderr == ""

    def test_documents_without_them_are_average_ones(self, run, with_effects, tmp_path):
        (tmp_path / "new.csv").write_text("text,party\ngoal rates,Con\ngoal rates,Lab\n")
        (tmp_path / "new.txt").write_text("goal rates\ngoal rates\n")
        of_table = run("transform", with_effects[0], tmp_path / "new.csv")
        assert "have no 'date', which the formula" in of_table.stderr
        of_lines = run("transform", with_effects[0], tmp_path / "new.txt")
        assert "have no 'party', 'date', which the formula" in of_lines.stderr
        assert len(set(self.proportions(of_table) + self.proportions(of_lines))) == 1

    def test_an_unknown_level(self, run, refused, with_effects, tmp_path):
        (tmp_path / "new.csv").write_text("text,party,date\ngoal rates,SNP,2000-01-01\n")
        refused(run("transform", with_effects[0], tmp_path / "new.csv"), "'SNP' in row 0")

    def test_evaluate(self, run, with_effects, speeches):
        result = run("evaluate", with_effects[0], speeches, "--label-column", "party", "--json")
        assert result.exit_code == 0, result.stderr
        assert "have no" not in result.stderr
        assert json.loads(result.stdout)["labelled"] == 200


def test_names_of_topics_are_shown(run, with_effects, tmp_path):
    run("edit", with_effects[0], "--rename", "1=sport", "-o", tmp_path / "named")
    for options in ((), ("--over", "party")):
        lines = run("effects", tmp_path / "named", "-n", 2, *options).stdout.splitlines()
        named = [line for line in lines if line.split()[:1] == ["1"]]
        assert named
        assert all("  sport: " in line for line in named)
        assert not any("sport" in line for line in lines if line.split()[:1] == ["0"])
