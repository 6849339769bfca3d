"""Write the corpus ``letters``: invented letters to the council of Wrenmouth, an invented town.

    python corpora/letters/make.py                      # topicgen/corpus/cards/letters.csv.gz
    python corpora/letters/make.py --output letters.csv --truth truth.csv

A letter is about one to three subjects. Each of them is drawn from the probabilities of
``expected_shares``, which depend on the date, the district and the channel; these are the planted
effects. The sentences of a subject are in ``subjects/NAME.txt``. ``--truth`` writes which share of
the words of each letter (salutation, closing and signature aside) is about each subject.

Only ``Random.random`` is used, whose stream is the same in all versions of Python.
"""

import argparse
import csv
import datetime
import gzip
import io
import math
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any, NamedTuple, TypeVar

HERE = Path(__file__).parent
SHIPPED = HERE.parents[1] / "topicgen/corpus/cards/letters.csv.gz"

# README.md says how it was chosen.
SEED = 6
LETTERS = 1200
WORDS = range(60, 151)
FIRST_DAY, LAST_DAY = datetime.date(2019, 1, 1), datetime.date(2024, 12, 31)
STORM = datetime.date(2021, 10, 21)
LATER_CLOSING = datetime.date(2023, 5, 1)

SUBJECTS = tuple(sorted(path.stem for path in (HERE / "subjects").glob("*.txt")))
COLUMNS = ("id", "date", "district", "channel", "subject", "text")

# How many letters come from each district, relative to the others.
DISTRICTS = {"Harbour": 0.2, "Old Town": 0.25, "Northfield": 0.3, "Mill Hill": 0.25}
NUMBER_OF_SUBJECTS = {1: 0.5, 2: 0.35, 3: 0.15}
NUMBER_OF_SENTENCES = {4: 0.2, 5: 0.35, 6: 0.3, 7: 0.15}

STREETS = {
    "Harbour": ["Quay Street", "Rope Walk", "Capstan Lane", "Lighthouse Road", "Herring Row"],
    "Old Town": ["Abbey Street", "Candle Lane", "Market Street", "Bell Lane", "Cloister Row"],
    "Northfield": ["Orchard Road", "Larch Avenue", "Ridge Road", "Plough Lane", "Chestnut Avenue"],
    "Mill Hill": [
        "Miller Road",
        "Bakehouse Lane",
        "Fuller Street",
        "Millstone Road",
        "Clover Road",
    ],
}
PESTS = {"Harbour": "gulls", "Old Town": "crows", "Northfield": "foxes", "Mill Hill": "badgers"}
BUSES = {"Harbour": "12", "Old Town": "4", "Northfield": "7", "Mill Hill": "9"}
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
MONTHS = ["January", "February", "March", "April", "May", "June"]
MONTHS += ["July", "August", "September", "October", "November", "December"]
NUMBERS = {
    "classsize": range(31, 37),
    "cm": range(5, 75, 5),
    "fewminutes": (10, 15, 20),
    "hundreds": range(850, 1450, 50),
    "minutes": range(25, 75, 5),
    "n": range(11, 60),
    "oldyear": range(2009, 2019),
}
WORDED = {
    "fewer": ["three", "four", "five", "six"],
    "weeks": ["three", "four", "five", "six", "seven"],
    "years": ["eight", "eleven", "fifteen", "twenty", "thirty"],
    "pounds": ["four", "seven", "nine", "twelve", "fifteen"],
    "tens": ["forty", "sixty", "eighty", "ninety"],
    "early": ["six", "half past six", "seven", "eight"],
    "late": ["one in the morning", "half past one", "two in the morning", "three o'clock"],
    "park": ["Swan Park", "Castle Gardens", "Jubilee Park"],
    "dogname": ["Brutus", "Duchess", "Biscuit", "Admiral"],
    "shortmonth": ["June", "September", "November"],
    "othertown": ["Kettlebury", "Upper Sallow", "Marlhaven"],
}

SALUTATIONS = ["Dear Council,", "Dear councillors,", "To the Town Council:", "Dear Sir or Madam,"]
SALUTATIONS += ["Dear Town Clerk,", "Dear Mayor,"]
# Where nothing follows the salutation, the letter begins with its subject.
OPENINGS = ["", "", "", "", ""]
OPENINGS += ["I am not one to complain, as you know from my other letters."]
OPENINGS += ["My wife says that I should write to you instead of to her."]
OPENINGS += ["You will not remember me, but I remember your answer."]
OPENINGS += ["I have never written to a council before, and my hand is shaking."]
OPENINGS += ["I write in sorrow and in capital letters, which my editor has removed."]
OPENINGS += ["I voted for you, and would like to know how that is going."]
TURNS = ["And then there is this.", "I am not finished.", "One more thing.", "There is more."]
TURNS += ["That is not all.", "Which brings me to the next matter."]
CLOSINGS = ["", "", "", ""]
CLOSINGS += ["I look forward to your answer, and so do my heirs."]
CLOSINGS += ["I remain hopeful, which my doctor calls stubborn."]
CLOSINGS += ["I enclose a stamp, so that it will not be for lack of a stamp."]
CLOSINGS += ["Thank you for reading as far as this."]
CLOSINGS += ["I shall be at the next meeting, in the first row, with a flask."]
CLOSINGS += ["With thanks to the one of you who will deal with this."]
FAREWELLS = ["Yours faithfully,", "Yours sincerely,", "Kind regards,", "Yours in hope,"]
FAREWELLS += ["With best wishes,"]

TITLES = ["Mr", "Mrs", "Ms", "Dr"]
SURNAMES = ["Abbott", "Ashdown", "Barlow", "Bickerstaff", "Birdwhistle", "Cardew", "Clutterbuck"]
SURNAMES += ["Dewhurst", "Dunmore", "Ellery", "Fairweather", "Finch", "Gathercole", "Greenhalgh"]
SURNAMES += ["Hathaway", "Honeychurch", "Ibbotson", "Jessop", "Kettlewell", "Larkin", "Lightfoot"]
SURNAMES += ["Merriman", "Nightingale", "Oakes", "Okafor", "Patel", "Pennyfeather", "Pickles"]
SURNAMES += ["Quill", "Rahman", "Rosenthal", "Shufflebottom", "Singh", "Sparrow", "Tamura"]
SURNAMES += ["Thistlewood", "Underhill", "Vickers", "Winterbottom", "Yarrow"]

Item = TypeVar("Item")


class Letter(NamedTuple):
    """A letter and, in ``words``, how many of its words are about each subject."""

    date: datetime.date
    district: str
    channel: str
    words: dict[str, int]
    text: str

    @property
    def subject(self) -> str:
        """The subject that most of the words are about."""
        return max(self.words, key=lambda subject: self.words[subject])


def elapsed(date: datetime.date) -> float:
    """Return how much of the six years has passed, between 0 and 1."""
    return (date - FIRST_DAY) / (LAST_DAY - FIRST_DAY)


def email_probability(date: datetime.date) -> float:
    """Return the probability that a letter is an email and did not come by post.

    >>> email_probability(FIRST_DAY), round(email_probability(LAST_DAY), 3)
    (0.1, 0.9)
    """
    return 0.1 + 0.8 * elapsed(date)


def expected_shares(date: datetime.date, district: str, channel: str) -> dict[str, float]:
    """Return the expected share of each subject: its weight over the sum of all weights.

    These weights are what README.md describes. Housing, parks and health depend on nothing.
    """
    season = math.cos(2 * math.pi * (date.timetuple().tm_yday - 196) / 365.25)
    after_storm = (date - STORM).days / 365.25
    weights = {
        "buses": 2.5 if district == "Northfield" else 1.0,
        "cycling": 8 ** (elapsed(date) - 0.5),
        "flooding": (0.6 if district == "Harbour" else 0.2)
        * (1 + 7 * math.exp(-after_storm / 0.8) if after_storm >= 0 else 1),
        "health": 1.0,
        "housing": 1.1,
        "library": 1.4 if channel == "post" else 0.7,
        "noise": (1.6 if district == "Old Town" else 0.6) * (2 if date >= LATER_CLOSING else 1),
        "parks": 1.0,
        "rubbish": math.exp(0.7 * season),
        "schools": 2.0 if district == "Mill Hill" else 0.8,
    }
    total = sum(weights.values())
    return {subject: weight / total for subject, weight in weights.items()}


def letters(seed: int = SEED) -> Iterator[Letter]:
    """Yield the letters, by date; other seeds give other letters with the same effects."""
    random = Random(seed)
    days = (LAST_DAY - FIRST_DAY).days + 1
    for day in sorted(int(days * random.random()) for _ in range(LETTERS)):
        date = FIRST_DAY + datetime.timedelta(days=day)
        district = _draw(random, DISTRICTS)
        channel = "email" if random.random() < email_probability(date) else "post"
        shares = expected_shares(date, district, channel)
        # With replacement, so that the expected share of a subject is its probability.
        places = [_draw(random, shares) for _ in range(_draw(random, NUMBER_OF_SUBJECTS))]
        yield _write(random, date, district, channel, places)


def csv_text(seed: int = SEED) -> str:
    """Return the corpus as a CSV."""
    rows = [
        (f"L{number:04}", letter.date, letter.district, letter.channel, letter.subject, letter.text)
        for number, letter in enumerate(letters(seed), 1)
    ]
    return _csv(COLUMNS, rows)


def truth_text(seed: int = SEED) -> str:
    """Return, as a CSV, the share of the words of each letter that is about each subject."""
    rows = []
    for number, letter in enumerate(letters(seed), 1):
        total = sum(letter.words.values())
        shares = [format(letter.words.get(subject, 0) / total, ".4f") for subject in SUBJECTS]
        rows.append((f"L{number:04}", *shares))
    return _csv(("id", *SUBJECTS), rows)


def _write(
    random: Random, date: datetime.date, district: str, channel: str, places: Sequence[str]
) -> Letter:
    """Return a letter about the subjects, with a number of words within ``WORDS``."""
    while True:
        number = _draw(random, NUMBER_OF_SENTENCES)
        paragraphs, words = [], {}
        for subject in dict.fromkeys(places):
            # The sentences are divided among the places, and a subject drawn twice has two of them.
            own = [place for place in range(number) if places[place % len(places)] == subject]
            text = _paragraph(random, subject, len(own), date, district)
            words[subject] = len(text.split())
            paragraphs += [_choose(random, TURNS)] if paragraphs else []
            paragraphs.append(text)
        closing = [
            _choose(random, CLOSINGS),
            _choose(random, FAREWELLS),
            _signature(random, district),
        ]
        parts = [_choose(random, SALUTATIONS), _choose(random, OPENINGS), *paragraphs, *closing]
        text = " ".join(part for part in parts if part)
        if len(text.split()) in WORDS:
            return Letter(date, district, channel, words, text)


def _paragraph(
    random: Random, subject: str, n_sentences: int, date: datetime.date, district: str
) -> str:
    """Return sentences about a subject: a first one, details, and (of three or more) a request."""
    sentences = _sentences(subject)
    n_details = n_sentences - 1 - (n_sentences > 2)
    details = list(sentences["detail"])
    chosen = [_choose(random, sentences["first"])]
    chosen += [details.pop(int(len(details) * random.random())) for _ in range(n_details)]
    chosen += [_choose(random, sentences["request"])] if n_sentences > 2 else []
    return " ".join(_fill(random, sentence, date, district) for sentence in chosen)


def _fill(random: Random, sentence: str, date: datetime.date, district: str) -> str:
    """Return the sentence with its slots filled, and one of each ``[this|that]`` chosen."""
    recent = [MONTHS[(date.month - 1 - back) % 12] for back in (1, 2, 3, 4)]
    choices: dict[str, Sequence[Any]] = {
        **NUMBERS,
        **WORDED,
        "street": STREETS[district],
        "pest": [PESTS[district]],
        "bus": [BUSES[district]],
        "day": DAYS,
        "month": recent[1:],
        "month2": recent[:1],
        "nextmonth": [MONTHS[date.month % 12]],
    }

    def choice(match: re.Match[str]) -> str:
        slot, words = match.groups()
        return str(_choose(random, choices[slot] if slot else words.split("|")))

    return re.sub(r"\{(\w+)\}|\[([^]]+)\]", choice, sentence)


def _signature(random: Random, district: str) -> str:
    initial = _choose(random, "ABCDEFGHJKLMNOPRSTW")
    name = f"{_choose(random, TITLES)} {initial}. {_choose(random, SURNAMES)}"
    return f"{name}, {_choose(random, STREETS[district])}"


def _sentences(subject: str) -> dict[str, list[str]]:
    """Return the sentences of a subject by their part in a letter."""
    parts: dict[str, list[str]] = {}
    for line in (HERE / "subjects" / f"{subject}.txt").read_text("utf-8").splitlines():
        if line.startswith("# "):
            parts[line[2:]] = []
        else:
            parts[list(parts)[-1]].append(line)
    return parts


def _choose(random: Random, items: Sequence[Item]) -> Item:
    return items[int(len(items) * random.random())]


def _draw(random: Random, weights: dict[Item, float]) -> Item:
    """Return a key, with a probability proportional to its weight."""
    rest = sum(weights.values()) * random.random()
    for item, weight in weights.items():
        rest -= weight
        if rest < 0:
            return item
    return item


def _csv(header: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows([header, *rows])
    return file.getvalue()


def main() -> None:
    """Write the corpus, and the truth about it where it is asked for."""
    parser = argparse.ArgumentParser(description="Write the corpus of letters.")
    parser.add_argument("--output", type=Path, default=SHIPPED, help="a .csv or .csv.gz file")
    parser.add_argument("--truth", type=Path, help="a .csv file")
    arguments = parser.parse_args()
    content = csv_text().encode()
    if arguments.output.suffix == ".gz":
        content = gzip.compress(content, mtime=0)
    arguments.output.write_bytes(content)
    if arguments.truth is not None:
        arguments.truth.write_text(truth_text(), "utf-8")


if __name__ == "__main__":
    main()
