import importlib
import json
import subprocess
import sys

import pytest

from topicgen.corpus import Vectorizer
from topicgen.corpus.words import segmenters
from topicgen.corpus.words.options import folding
from topicgen.corpus.words.segmenters import SEGMENTERS, Segmenter

fold = folding(True, None, whole=True)

TEXTS = {
    "jieba": (
        "我爱自然语言处理。今天天气很好，他用 iPhone 15 和 ＧＰＴ４，价格3.5元！",
        {"我", "爱", "自然语言", "处理", "很", "好", "iphone", "gpt4", "价格", "元"},
    ),
    "janome": (
        "東京都に住んでいるプログラマーは、2024年に自然言語処理を勉強した。ﾃｽﾄ",
        {"東京", "都", "プログラマー", "年", "自然", "言語", "処理", "勉強", "テスト"},
    ),
    "pythainlp": (
        "ฉันรักภาษาไทยเพราะฉันเป็นคนไทย ๒๕๖๓ ๆ สําหรับ Linux",
        {"ฉัน", "รัก", "ภาษาไทย", "เพราะ", "เป็น", "คนไทย", "สำหรับ", "linux"},
    ),
    "khmercut": (
        "ឃាត់ខ្លួនជនសង្ស័យ០៤នាក់ ករណីលួចខ្សែភ្លើង នៅស្រុកព្រៃនប់។",
        {"ឃាត់ខ្លួន", "ជនសង្ស័យ", "នាក់", "ករណី", "លួច", "ខ្សែភ្លើង", "នៅ", "ស្រុក", "ព្រៃនប់"},
    ),
    "laonlp": (
        "ພາສາລາວໃນປັດຈຸບັນເປັນພາສາຂອງຊາດລາວ.",
        {"ພາສາລາວ", "ໃນ", "ປັດຈຸບັນ", "ເປັນ", "ພາສາ", "ຂອງ", "ຊາດ", "ລາວ"},
    ),
}


@pytest.fixture(params=SEGMENTERS)
def name(request):
    """The name of a segmenter that is installed."""
    try:
        importlib.import_module(request.param)
    except ImportError:
        pytest.skip(f"the package {request.param} is not installed")
    return request.param


def test_words_are_found_without_punctuation_and_numbers(name):
    text, expected = TEXTS[name]
    words = Segmenter(name)(fold(text))
    assert expected <= set(words)
    assert all(word[0].isalpha() for word in words)
    # A letter alone is a word where it is an ideograph.
    assert all(len(word) > 1 or "\u4e00" <= word <= "\u9fff" for word in words)


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        (
            "jieba",
            "한국어 русский текст カタカナです café在线A股 naïve我 x²很 เรียน好",
            "한국어 русский текст カタカナです café 在线 股 naïve 我 x² 很 เรียน 好",
        ),
        ("janome", "한국어 русскийはcaféでする。A型", "한국어 русский café する 型"),
    ],
)
def test_words_in_other_scripts_are_whole(name, text, words):
    pytest.importorskip(name)
    assert Segmenter(name)(fold(text)) == words.split()


@pytest.mark.parametrize("name", ["jieba", "janome"])
def test_contractions_leave_no_words(name):
    pytest.importorskip(name)
    texts = ["银行 don't we've couldn\u2019t think", "银行don't they'll 銀行 l'amour qu\u2019il"]
    vectorizer = Vectorizer(
        tokenizer=name, stop_words="english,french,chinese", min_df=1, max_df=1.0
    )
    words = vectorizer.fit(texts).get_feature_names_out()
    assert {word for word in words if word.isascii()} == {"amour", "think"}


def test_texts_with_spaces_have_the_words_of_the_default(name):
    text = "The café's e-mail: 3.5 kg of x1, हिन्दी"
    assert Segmenter(name)(fold(text)) == ["the", "café", "mail", "kg", "of", "x1", "हिन्दी"]
    assert Segmenter(name)("") == []


def test_no_text_makes_it_fail(name):
    text, _ = TEXTS[name]
    words = Segmenter(name)(f"{text}\ud800{text}\0\u200b\u0301😀 {text}")
    assert len(words) >= 3 * len(Segmenter(name)(text)) - 3


def test_long_runs_take_no_longer_than_others(name):
    segment = Segmenter(name)
    letters = TEXTS[name][0][:4]
    assert len(segment(letters * 2_000)) > 500
    assert segment("ab" * 500_000 + letters)[0] == "ab" * 500_000


def test_it_prints_and_writes_nothing(name, tmp_path, capfd, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    Segmenter(name)(TEXTS[name][0])
    assert capfd.readouterr() == ("", "")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_recipe_counts_the_same_in_another_process(name, tmp_path):
    text, words = TEXTS[name]
    fitted = Vectorizer(tokenizer=name, stop_words=None, max_df=1.0).fit([text])
    assert words <= set(fitted.vocabulary_)
    (tmp_path / "recipe.json").write_text(json.dumps(fitted.to_config()))
    (tmp_path / "words.json").write_text(json.dumps(fitted.get_feature_names_out().tolist()))
    (tmp_path / "text.json").write_text(json.dumps([text]))
    code = (
        "import json, socket, sys\n"
        "socket.socket.connect = None\n"
        "from topicgen.corpus import Vectorizer\n"
        "recipe, words, texts = (json.load(open(f'{sys.argv[1]}/{name}.json'))"
        " for name in ('recipe', 'words', 'text'))\n"
        "print(Vectorizer.from_config(recipe, words).transform(texts).toarray().tolist())"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert json.loads(run.stdout) == fitted.transform([text]).toarray().tolist()


def test_own_words_are_dropped_as_the_segmenter_finds_them(name):
    text, words = TEXTS[name]
    first, *others = sorted(words)
    fitted = Vectorizer(tokenizer=name, stop_words=[first]).fit([text])
    assert first not in fitted.vocabulary_
    assert set(others) <= set(fitted.vocabulary_)


def test_stop_words_are_not_cut(monkeypatch):
    package = SEGMENTERS["jieba"]._replace(load=lambda: lambda text: list(text))
    monkeypatch.setitem(segmenters.SEGMENTERS, "jieba", package)
    fitted = Vectorizer(tokenizer="jieba", stop_words="chinese").fit(["尽管如此，河山水。"])
    assert set(fitted.vocabulary_) >= {"河", "山", "水"}
