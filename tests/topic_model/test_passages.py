import pytest

from topicgen.topic_model.passages import best_passage


def words_of(text, *words, weight=0.5):
    """The first place of each word, with a weight."""
    return [(text.index(word), text.index(word) + len(word), weight) for word in words]


def marked(passage):
    return [passage.text[start:end] for start, end, _ in passage.spans]


NEWS = (
    "It rained all day. The bank raised its rates.\n\nRates rose again, said Mr. Hall of the U.S."
)


def test_a_passage_is_whole_sentences():
    passage = best_passage(NEWS, words_of(NEWS, "bank", "rates"), length=6)
    assert passage.text == "The bank raised its rates."
    assert marked(passage) == ["bank", "rates"]
    assert NEWS[passage.start : passage.end] == passage.text


def test_titles_and_initials_end_no_sentence():
    passage = best_passage(NEWS, words_of(NEWS, "Hall"), length=10)
    assert passage.text == "Rates rose again, said Mr. Hall of the U.S."


def test_neighbouring_sentences_are_added_while_there_is_room():
    passage = best_passage(NEWS, words_of(NEWS, "rained", "bank"), length=9)
    assert passage.text == "It rained all day. The bank raised its rates."
    assert passage.text.count(" ") == 8


def test_long_sentences_are_cut_and_say_so():
    text = " ".join(f"w{number}" for number in range(100)) + "."
    passage = best_passage(text, words_of(text, "w50", "w52", "w59"), length=10)
    assert passage.text == "… " + " ".join(f"w{number}" for number in range(50, 60)) + " …"
    assert marked(passage) == ["w50", "w52", "w59"]
    assert best_passage(text, [], length=3).text == "w0 w1 w2 …"
    assert best_passage(text, words_of(text, "w99"), length=3).text == "… w97 w98 w99."
    assert best_passage(text, words_of(text, "w50", "w70"), length=5).text == (
        "… w48 w49 w50 w51 w52 …"
    )


def test_values_decide_and_weights_are_shown():
    text = "Names, names, names. A bank."
    words = [(0, 5, 0.9), (7, 12, 0.9), (14, 19, 0.9), (23, 27, 0.7)]
    assert best_passage(text, words, length=3).text == "Names, names, names."
    passage = best_passage(text, words, length=3, values=[0.1, 0.1, 0.1, 0.9])
    assert (passage.text, passage.spans) == ("A bank.", [(2, 6, 0.7)])


def test_only_some_parts_of_a_text_are_shown():
    text = "> Rates rose.\nThey did not.\n> Rates fell."
    passage = best_passage(text, [(2, 7, 1.0), (14, 18, 0.1)], length=9, parts=[(14, 27)])
    assert passage.text == "They did not."
    assert marked(passage) == ["They"]


def test_white_space_becomes_single_spaces():
    text = "New\n  York\tis big.  It  is."
    passage = best_passage(text, [(0, 10, 1.0), (20, 22, 0.5)])
    assert passage.text == "New York is big. It is."
    assert marked(passage) == ["New York", "It"]


def test_scripts_without_spaces():
    text = "今天下雨。北京大学出版社出版了一本新书。天气很好。"
    passage = best_passage(text, [(5, 9, 1.0), (9, 12, 1.0)], length=10)
    assert passage.text == "北京大学出版社出版了一本新书。"
    assert marked(passage) == ["北京大学", "出版社"]


@pytest.mark.parametrize("text", ["", " \n\t "])
def test_a_text_without_words_has_an_empty_passage(text):
    assert best_passage(text, [], length=5).text == ""


def test_very_long_words_take_the_place_of_several():
    text = "http://" + "x" * 2**20 + " bank rates"
    passage = best_passage(text, words_of(text, "bank"), length=5)
    assert passage.text.endswith("bank rates")
    assert len(passage.text) < 5 * 24 + 10
    assert len(best_passage(text, [(0, len(text), 1.0)], length=5).text) < 5 * 24 + 10


def test_sentences_of_one_word_are_many():
    text = "No! " * 20_000 + "Yes?"
    assert best_passage(text, words_of(text, "Yes"), length=2).text == "No! Yes?"
