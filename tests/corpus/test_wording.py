from topicgen.corpus.wording import quantity, sizes


def test_quantity_of_none_one_and_many():
    assert [quantity(n, "line") for n in (0, 1, 2, 1234)] == [
        "0 lines",
        "1 line",
        "2 lines",
        "1,234 lines",
    ]


def test_sizes_of_a_corpus():
    assert sizes(1, 20_000, 0) == "1 document, 20,000 words, 0 tokens"
