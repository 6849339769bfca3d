"""Stop words that the lists of languages lack, by the code of the language.

Those of English, French and Italian are what their tokens leave of contractions and elisions; the
others were found among the commonest words of real texts (``scripts/study_languages.py``), cut as
the segmenters and Persian joiners cut them.
"""

from collections.abc import Collection

_ENGLISH = """
    aren't can't couldn't daren't didn't doesn't don't hadn't hasn't haven't isn't mayn't mightn't
    mustn't needn't oughtn't shan't shouldn't wasn't weren't won't wouldn't ain't
    i'm i've i'd i'll you're you've you'd you'll he's he'd he'll she's she'd she'll it's it'd it'll
    we're we've we'd we'll they're they've they'd they'll that's that'd that'll who's who've who'd
    who'll what's what're where's when's why's how's here's there's there'd there'll let's
    could've should've would've might've must've
    did does doing having
"""

_FRENCH = "c' d' j' l' m' n' s' t' qu' jusqu' lorsqu' puisqu' quoiqu' presqu' quelqu' entr'"

_ITALIAN = "c' d' l' m' s' t' v' un' dell' all' dall' nell' sull' quell' com' quand' tutt' anch'"

# The prefixes of the present and its negation, and the auxiliaries behind them.
_PERSIAN_PREFIXES = "می نمی"
_PERSIAN_AUXILIARIES = """
    آید باشد باشند توان تواند توانند توانید توانیم خواهد خواهند خواهید خواهیم خورد داد داند دهد دهند
    دهید رسد رود شد شدند شود شوند شوید گردد گفت گوید گیرد گیرند کرد کردند کند کنم کنند کنید کنیم
"""

_HINDI = """
    अगर अथवा अब आपका आपकी आपके इसलिए करती करो कब का क्या क्यों कैसे गई गए गयी गये चाहते चाहता चाहती
    चाहिए जाए जाएँ जाएगा जाता जाती जाते जाना जाने तथा ताकि थीं दी दे दें देता देती देते देना दिए
    बल्कि मेरा मेरी मेरे मैं मैंने रही रहता रहती रहते लगा वाला वाली सकती सका सकी सके हम हमारा हमारी
    हमारे हर हूँ हूं होगा होगी होंगे
"""

_THAI = """
    คุณ ฉัน ผม เธอ มัน พวก พวกเขา ท่าน ครับ ค่ะ คะ นะ สามารถ ต้องการ ที่จะ หรือไม่ ทั้งหมด บน ไหน ใด
    ใดๆ นี่ นั่น จน แค่ เพียง ดังนั้น ดังนี้ แม้ เท่านั้น เกี่ยวกับ ไม่ใช่ ไม่มี ไม่ได้ เป็นต้น
"""

_CHINESE = "每个 没有 进行 用于 必须 一个 一些 这个 这些 那个 那些 会 将 可 需要 可能"

_JAPANESE = """
    ください くださる くれ くれる くる しまい しまう しまっ たく たい だろ でし でしょ なかれ なけれ
    なさい なさっ べき まし ましょ ませ もらい もらう もらっ らしい いい いく いた いただき いただく
    いただけ おい おく おけ こう そう ああ どう ごと まま わけ はず つい つけ とっ だけ
    的 等 他 者 性 第 各 上 下 中 内 前 後 時
"""

SUPPLEMENTS = {
    "en": _ENGLISH.split(),
    "fa": [
        f"{prefix}\u200c{auxiliary}"
        for prefix in _PERSIAN_PREFIXES.split()
        for auxiliary in _PERSIAN_AUXILIARIES.split()
    ],
    "fr": _FRENCH.split(),
    "hi": _HINDI.split(),
    "it": _ITALIAN.split(),
    "ja": _JAPANESE.split(),
    "th": _THAI.split(),
    "zh": _CHINESE.split(),
}

# Persian is also typed with the Arabic forms of two letters, and Chinese is also written in
# traditional characters; the lists have one of the two.
_OTHER_LETTERS = {
    "fa": str.maketrans("يك", "یک"),
    "zh": str.maketrans(
        "两个临为乌仅从们会关内冲况凭则别办区单却吓吗呕哒哗哟喽对将尔尽岂开归当总换无旧时来样没点犹独着称简类紧纵经结"
        "给继综罢腾虽见让许论设诚话该说请诸谁转较边达过还这进连鉴针问间随难顺须齐与于么几后据里并万体",
        "兩個臨為烏僅從們會關內衝況憑則別辦區單卻嚇嗎嘔噠嘩喲嘍對將爾盡豈開歸當總換無舊時來樣沒點猶獨著稱簡類緊縱經結"
        "給繼綜罷騰雖見讓許論設誠話該說請諸誰轉較邊達過還這進連鑒針問間隨難順須齊與於麼幾後據裡並萬體",
    ),
}


def supplemented(code: str, words: Collection[str]) -> set[str]:
    """Return the stop words of a language with those that its list lacks.

    >>> {"the", "don't"} <= supplemented("en", ["the"]), supplemented("de", ["und"])
    (True, {'und'})
    """
    found = {*words, *SUPPLEMENTS.get(code, ())}
    letters = _OTHER_LETTERS.get(code, {})
    return found | {word.translate(letters) for word in found}
