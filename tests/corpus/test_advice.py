import warnings

import pytest

from topicgen.corpus import Vectorizer
from topicgen.corpus.counting import tally
from topicgen.corpus.words.tokenizers import load_tokenizer

CHINESE = "我爱自然语言处理。今天天气很好，他来到了杭州研究大厦。"
JAPANESE = "東京都に住んでいるプログラマーは、自然言語処理を勉強しています。"
THAI = "ฉันรักภาษาไทยเพราะฉันเป็นคนไทย กรุงเทพมหานครเป็นเมืองหลวงของประเทศไทย"
KHMER = "ឃាត់ខ្លួនជនសង្ស័យ ករណីលួចខ្សែភ្លើង នៅស្រុកព្រៃនប់"
LAO = "ພາສາລາວໃນປັດຈຸບັນເປັນພາສາຂອງຊາດລາວ"
BURMESE = "မြန်မာနိုင်ငံသည် အရှေ့တောင်အာရှတွင်တည်ရှိသည်။"

GERMAN = (
    "Der Hund und die Katze sind nicht in dem Haus, und der Mann ist auch nicht da. Die Frau hat "
    "das Haus und den Hund für sich, aber das ist nur für eine Stunde, und dann sind sie alle da. "
)
ENGLISH = (
    "The bank raised rates, and the minister said that growth would slow; players of the club won "
    "the match at home, while markets fell and the film opened in London theatres last week. "
)


def fit(texts, **options):
    return Vectorizer(**{"stop_words": None, **options}).fit(texts)


@pytest.mark.parametrize(
    ("text", "language", "advice"),
    [
        (CHINESE, "Chinese", "--tokenizer jieba .*topicgen\\[chinese\\]"),
        (JAPANESE, "Japanese", "--tokenizer janome .*topicgen\\[japanese\\]"),
        (THAI, "Thai", "--tokenizer pythainlp .*topicgen\\[thai\\]"),
        (KHMER, "Khmer", "--tokenizer khmercut .*topicgen\\[khmer\\]"),
        (LAO, "Lao", "--tokenizer laonlp .*topicgen\\[lao\\]"),
        (BURMESE, "Burmese", "a tokenizer of your own, --tokenizer module:function"),
        (f"{CHINESE} with a few words", "Chinese", "jieba"),
    ],
)
@pytest.mark.parametrize(
    "options", [{}, {"token_pattern": r"\w+"}, {"tokenizer": "nltk:treebank"}, {"phrases": 2}]
)
def test_clauses_taken_for_words_are_told(text, language, advice, options):
    if options.get("token_pattern") and language not in ("Chinese", "Japanese"):
        pytest.skip("this pattern cuts the words of this script at their vowel signs")
    with pytest.warns(UserWarning, match=f"most of the text is {language}, .*use .*{advice}"):
        fit([text], **options)


def test_lexicons_on_disk_are_told_likewise(tmp_path, monkeypatch):
    monkeypatch.setattr(tally, "_MOST_TERMS", 3)
    texts = [*CHINESE.split("，"), "many other", "words of", "a few"]
    with pytest.warns(UserWarning, match="most of the text is Chinese"):
        Vectorizer(stop_words=None).fit_blocks(texts, tmp_path)


@pytest.mark.parametrize(
    ("texts", "options"),
    [
        ([CHINESE + "and much more of the text is in English than in Chinese, as here"], {}),
        (["我 爱 自然 语言 处理 今天 天气 很 好 自然语言 机器学习"], {}),
        (["東京 都 に 住んで いる プログラマー は 自然 言語 処理 を 勉強 して い ます"], {}),
        (["ฉัน รัก ภาษาไทย เพราะ ฉัน เป็น คนไทย กรุงเทพมหานคร เป็น เมืองหลวง"], {}),
        (["나는 자연어처리를 사랑한다 대한민국의 수도는 서울특별시입니다"], {}),
        ([["我爱自然语言处理", "今天天气很好"]], {}),
        ([CHINESE], {"tokenizer": load_tokenizer("builtins:list")}),
        (["bank rates rose"], {}),
    ],
)
def test_nothing_is_told_of_texts_with_words(texts, options):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fit(texts, **options)


@pytest.mark.parametrize(
    ("text", "stop_words", "advice"),
    [
        (GERMAN, "english", '"und".* are stop words of German; use --stop-words german .*'),
        (ENGLISH * 2, "de", '"the".* of English; use --stop-words english .*or de,english if'),
        (GERMAN * 3 + ENGLISH, "english", "of German; .*or english,german if"),
    ],
)
def test_stop_words_of_another_language_are_told(text, stop_words, advice):
    with pytest.warns(UserWarning, match=f"the commonest words .*{advice}"):
        fit([text], stop_words=stop_words)


@pytest.mark.parametrize(
    ("text", "stop_words"),
    [
        (GERMAN, "german"),
        (GERMAN, None),
        (GERMAN, ["und"]),
        (ENGLISH, "english"),
        (ENGLISH, "en"),
        (GERMAN + ENGLISH, "english,german"),
        ("der die das und", "english"),
    ],
)
def test_nothing_is_told_where_the_stop_words_suit(text, stop_words):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fit([text], stop_words=stop_words)
