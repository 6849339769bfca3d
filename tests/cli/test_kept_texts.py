from topicgen.cli.kept_texts import KeptTexts
from topicgen.corpus import Document


def test_texts_come_back_as_they_were():
    texts = ["", "two\nlines", "Straße", "lone \ud800 surrogate", "x" * 300_000]
    with KeptTexts() as kept:
        documents = [Document(text, str(row)) for row, text in enumerate(texts)]
        assert list(kept.watch(documents)) == documents
        assert len(kept) == 5
        assert kept.read([3, 1, 0]) == [texts[3], texts[1], ""]
        assert kept.read([4]) == ["x" * 200_000]  # the beginning


def test_tokens_are_separated_by_spaces():
    with KeptTexts() as kept:
        list(kept.watch([Document("new york\x1frose", "1")]))
        assert kept.read([0]) == ["new york rose"]
