from topicgen.corpus.reading.word_file import parse_word_file


def test_files_of_words():
    assert parse_word_file("The\n\n royal mail \n") == ["The", "royal mail"]
    snowball = (
        " | An English stop word list. Comments begin with vertical bar.\n\ni   | pron.\nme|\n"
    )
    assert parse_word_file(snowball) == ["i", "me"]
    assert parse_word_file("minä minun minut  | I\nsinä sinun\n") == [
        "minä", "minun", "minut", "sinä", "sinun",
    ]  # fmt: skip
    assert parse_word_file("alpha, royal mail,\n,beta\n") == ["alpha", "royal mail", "beta"]
    assert parse_word_file(" | nothing\n") == []
