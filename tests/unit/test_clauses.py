from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jetson_voice.sentences import Sentence, SentenceSplitter

FIRST_CLAUSES: list[tuple[str, str]] = [
    ("今天天气很好，我们去公园吧。", "今天天气很好，"),
    ("当然可以，我来帮你。", "当然可以，"),
    ("好的，没问题，今天天气很好。", "好的，没问题，"),
    ("步骤如下所示：先打开盖子。", "步骤如下所示："),
    ("这只狐狸很小——真的很小。", "这只狐狸很小——"),
    ("我们今天吃火锅,好吗？", "我们今天吃火锅,"),
    ("**重点内容在这里**：请注意。", "重点内容在这里："),
    ("<think>Well, well, well, well.</think>当然可以，我来帮你。", "当然可以，"),
    ("Once upon a time, there was a fox.", "Once upon a time,"),
    ("Here are the steps: first, do this.", "Here are the steps:"),
    ("The fox — a small one — ran away.", "The fox — a small one —"),
    ("I'm sure about that; you know me.", "I'm sure about that;"),
    # Too short
    ("好的，我来。", "好的，我来。"),
    ("Well, I do.", "Well, I do."),
    # An enumeration
    ("你可以准备苹果、香蕉和梨。", "你可以准备苹果、香蕉和梨。"),
    ("你可以准备苹果、香蕉、橘子、葡萄。", "你可以准备苹果、香蕉、"),
    # Numbers, dates, list numbers, abbreviations, addresses
    ("The price is 1,299 dollars, plus tax.", "The price is 1,299 dollars,"),
    ("一共有1，299个人。", "一共有1，299个人。"),
    ("On March 5, 2024, it rained.", "On March 5, 2024, it rained."),
    ("We meet at 8:30 or so.", "We meet at 8:30 or so."),
    ("今天的会议改到8：30了。", "今天的会议改到8：30了。"),
    ("123、打开盖子并且加水。", "123、打开盖子并且加水。"),
    ("Eat some fruit, e.g., apples.", "Eat some fruit,"),
    ("It's e.g., an apple.", "It's e.g., an apple."),
    ("Look at https://a.b/c,d;e:f now.", "Look at a.b now."),
    ("Dear Sir, I am here.", "Dear Sir, I am here."),
    # Within quotes, brackets, emphasis and tables
    ("“今天天气很好，我们走吧。”他说。", "“今天天气很好，我们走吧。”"),
    ("（今天天气很好，我们走吧。）好。", "（今天天气很好，我们走吧。）"),
    ('"I am here, you know," he said.', '"I am here, you know," he said.'),
    ("**今天天气很好，我们走吧**。", "今天天气很好，我们走吧。"),
    ("| 城市的名字，简称 | 气温 |\n", "城市的名字，简称, 气温"),
    # Without a mark: before a word at which a speaker may breathe, with a comma's melody
    ("William Shakespeare wrote Romeo and Juliet in 1595.", "William Shakespeare wrote Romeo and Juliet,"),
    ("You can make a wonderful cake and pancakes.", "You can make a wonderful cake,"),
    ("The moon is a celestial body that goes round.", "The moon is a celestial body,"),
    ("I am really not so sure about all of that.", "I am really not so sure about all of that."),
    (
        "The story of Romeo is attributed to the English playwright.",
        "The story of Romeo is attributed to the English playwright.",
    ),
    (
        "The story of Romeo and Juliet is often attributed to William.",
        "The story of Romeo and Juliet is often attributed,",
    ),
    ("西红柿炒鸡蛋需要两个西红柿以及三个鸡蛋。", "西红柿炒鸡蛋需要两个西红柿，"),
    ("The capital of France is Paris.", "The capital of France is Paris."),
    ("The largest of the cities is India.", "The largest of the cities is India."),
    ("The **big and very, very long** list and more.", "The big and very, very long list,"),
    ("The film is called “Love and Hate in Paris”.", "The film is called “Love and Hate in Paris”."),
    ("| a very long name of a city and more |\n", "a very long name of a city and more"),
    ("In the year of our Lord 1595 and later.", "In the year of our Lord 1595 and later."),
]


@pytest.mark.parametrize(("text", "spoken"), FIRST_CLAUSES)
def test_the_first_piece_of_an_answer_may_end_with_a_clause(text: str, spoken: str) -> None:
    splitter = SentenceSplitter(first_at_clause=True)
    assert (splitter.add(text) + splitter.finish())[0].spoken == spoken


def test_after_the_first_piece_only_whole_sentences_are_given() -> None:
    splitter = SentenceSplitter(first_at_clause=True)
    given = splitter.add("好的！今天天气很好，我们去公园吧。") + splitter.finish()
    assert [sentence.spoken for sentence in given] == ["好的！", "今天天气很好，我们去公园吧。"]


WORDS = st.sampled_from(
    [*"今天气好aT, ，、：;—.。“”（）1*| \n", "以及", " and ", " or", "in ", "<think>", "</think>", "a lot of words"]
)


@given(st.lists(WORDS, max_size=40).map("".join))
def test_the_first_clause_never_depends_on_where_the_chunks_end_and_loses_nothing(text: str) -> None:
    by_character, whole = SentenceSplitter(first_at_clause=True), SentenceSplitter(first_at_clause=True)
    given: list[Sentence] = []
    for position, character in enumerate(text, start=1):
        given += by_character.add(character)
        assert "".join(sentence.written for sentence in given) + by_character.rest == text[:position]
    assert given + by_character.finish() == whole.add(text) + whole.finish()


def test_a_first_clause_is_out_with_its_comma() -> None:
    splitter = SentenceSplitter(first_at_clause=True)
    assert [given.spoken for given in splitter.add("今天天气很好，")] == ["今天天气很好，"]
    splitter = SentenceSplitter(first_at_clause=True)
    assert splitter.add("Once upon a time,") == []
    assert [given.spoken for given in splitter.add(" ")] == ["Once upon a time,"]


def test_a_first_group_of_words_is_out_with_the_word_that_begins_the_next() -> None:
    splitter = SentenceSplitter(first_at_clause=True)
    assert splitter.add("The moon goes around the planet in") == []  # it may be "indeed"
    assert [given.spoken for given in splitter.add(" ")] == ["The moon goes around the planet,"]
    assert [(given.written, given.spoken) for given in splitter.add("a month. ")] == [("in a month. ", "in a month.")]
