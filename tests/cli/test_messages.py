import json

from topicgen.cli.messages import print_json, say


def test_a_message_is_one_line_on_standard_error(capsys):
    say("error: two\nlines, two  spaces")
    assert capsys.readouterr() == ("", "topicgen: error: two lines, two  spaces\n")


def test_a_message_has_a_limit_whatever_it_quotes(capsys):
    say(f"error: expected {'x' * 10**7}; do this")
    line = capsys.readouterr().err
    assert len(line) == 1_000 + len("topicgen: \n")
    assert line.startswith("topicgen: error: expected xxx")
    assert line.endswith("xxx; do this\n")


def test_json_keeps_words_and_makes_what_is_not_finite_null(capsys):
    print_json({"a": [float("nan"), (float("inf"), 1.5)], "b": "größer 北京", "c": {"d": True}})
    printed = capsys.readouterr().out
    assert "größer 北京" in printed
    assert json.loads(printed) == {"a": [None, [None, 1.5]], "b": "größer 北京", "c": {"d": True}}
