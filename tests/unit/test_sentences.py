from __future__ import annotations

import re
import time
from collections.abc import AsyncGenerator, Iterator

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jetson_voice.sentences import (
    LONG,
    Sentence,
    SentenceSplitter,
    sentences_of,
    split,
    split_async,
)
from jetson_voice.spoken_text import spoken_text

GOLDEN: list[tuple[str, list[str]]] = [
    # Chinese
    ("你好。今天天气很好！我们去哪里？", ["你好。", "今天天气很好！", "我们去哪里？"]),
    ("他说：“你好。”然后走了。", ["他说：“你好。”", "然后走了。"]),
    (
        '他说："你好。"然后走了。"再见。"她说。',
        ['他说："你好。"', "然后走了。", '"再见。"', "她说。"],
    ),
    ("「走吧。」她说。『好！』", ["「走吧。」", "她说。", "『好！』"]),
    ("（这是注释。）然后继续。", ["（这是注释。）", "然后继续。"]),
    ("你读过《你好！》吗？读过。", ["你读过《你好！》吗？", "读过。"]),
    ("嗯……好吧。那就…这样。", ["嗯……", "好吧。", "那就…", "这样。"]),
    ("真的吗？！太好了！！！走。", ["真的吗？！", "太好了！", "走。"]),
    ("等一下...我想想。", ["等一下...", "我想想。"]),
    ("你好吗?我很好!谢谢.", ["你好吗?", "我很好!", "谢谢."]),
    ("第一，先洗手；第二，再吃饭：就这样。", ["第一，先洗手；第二，再吃饭：就这样。"]),
    ("圆周率约为3.14，也写作3．14。", ["圆周率约为3.14，也写作3.14。"]),
    ("现在是10:30，气温25.5°C，湿度60%。", ["现在是10:30，气温25.5°C，湿度60%。"]),
    ("价格是￥1,000.00元。折扣50%。", ["价格是￥1,000.00元。", "折扣50%。"]),
    ("从1…10中选一个。", ["从1…10中选一个。"]),
    ("约翰·史密斯来了｡再见｡", ["约翰·史密斯来了｡", "再见｡"]),
    ("第一行\n第二行\n\n第三行", ["第一行", "第二行", "第三行"]),
    ("没有句号", ["没有句号"]),
    # Both languages
    ("我用 Python 3.12.很好。", ["我用 Python 3.12.", "很好。"]),
    ("我用Node.js和Vue.js写网页。你呢？", ["我用Node.js和Vue.js写网页。", "你呢？"]),
    ("打开 config.toml 文件。然后保存。", ["打开 config.toml 文件。", "然后保存。"]),
    ("Dr.王来了。Mr. 李也来了。", ["Dr.王来了。", "Mr. 李也来了。"]),
    ("苹果叫 apple. 香蕉叫 banana.", ["苹果叫 apple.", "香蕉叫 banana."]),
    ("有 Go、Rust etc.，都可以。", ["有 Go、Rust etc.，都可以。"]),
    ("OK!没问题。Let's go. 走吧。", ["OK!", "没问题。", "Let's go.", "走吧。"]),
    ("访问https://example.com/a.b?x=1。然后登录。", ["访问example.com。", "然后登录。"]),
    # English
    ("Hello there. What now? Go!", ["Hello there.", "What now?", "Go!"]),
    ('"Stop!" she said. He left.', ['"Stop!" she said.', "He left."]),
    ("He said “no.” Then he left.", ["He said “no.”", "Then he left."]),
    ("(It was late.) We left.", ["(It was late.)", "We left."]),
    ("It's 'done.' Next one.", ["It's 'done.'", "Next one."]),
    ("Wait... what? Hmm… okay.", ["Wait... what?", "Hmm… okay."]),
    ("Really?! No way!!! Yes.", ["Really?!", "No way!", "Yes."]),
    (
        "Pi is 3.14 and that is 1,000.00 dollars. Ok.",
        ["Pi is 3.14 and that is 1,000.00 dollars.", "Ok."],
    ),
    ("Ping 192.168.1.1 with v2.0.1. Done.", ["Ping 192.168.1.1 with v2.0.1.", "Done."]),
    ("It is 3. Then 4.", ["It is 3.", "Then 4."]),
    ("Dr. Smith and Mrs. Wu met Prof. Xu. Good.", ["Dr. Smith and Mrs. Wu met Prof. Xu.", "Good."]),
    ("Mr. and Ms. Li live on St. James Road.", ["Mr. and Ms. Li live on St. James Road."]),
    ("Fruit, e.g. apples, i.e. food. Yum.", ["Fruit, e.g. apples, i.e. food.", "Yum."]),
    ("Pears, plums etc. are sweet.", ["Pears, plums etc. are sweet."]),
    ("Pears, plums, etc. Then we left.", ["Pears, plums, etc.", "Then we left."]),
    ("The U.S. Army is in the U.K. today.", ["The U.S. Army is in the U.K. today."]),
    ("At 5 p.m. we eat. At 6 a.m. Tom rises.", ["At 5 p.m. we eat.", "At 6 a.m. Tom rises."]),
    ("J. R. R. Tolkien wrote it. I read it.", ["J. R. R. Tolkien wrote it.", "I read it."]),
    ("So do I. And you?", ["So do I.", "And you?"]),
    ("Open config.toml. Edit main.py now.", ["Open config.toml.", "Edit main.py now."]),
    ("See https://example.com/a.b?x=1. Bye.", ["See example.com.", "Bye."]),
    ("Write to jo.do@mail.example.org. Bye.", ["Write to jo.do@mail.example.org.", "Bye."]),
    ("No. 5 is alive. No. I mean it.", ["No. 5 is alive.", "No.", "I mean it."]),
    ("On Jan. 5 at 10:30 it rained.", ["On Jan. 5 at 10:30 it rained."]),
    ("Apple Inc. makes phones. Acme Ltd. Too.", ["Apple Inc. makes phones.", "Acme Ltd.", "Too."]),
    ("I like .NET and C#. You?", ["I like .NET and C#.", "You?"]),
    ("One.\r\nTwo.\r\n\r\nThree", ["One.", "Two.", "Three"]),
    (
        "J. K. Rowling met D. E. Shaw. J. Smith and K. Jones too.",
        ["J. K. Rowling met D. E. Shaw.", "J. Smith and K. Jones too."],
    ),
    ("1. Mix 2. Bake it. 3. Eat", ["1. Mix", "2. Bake it.", "3. Eat"]),
    ("1）苹果 2）香蕉 3）梨", ["1）苹果", "2）香蕉", "3）梨"]),
    ("1. Mix\nI have 2. Then I had 3.", ["1. Mix", "I have 2.", "Then I had 3."]),
    ("We need: a) milk b) eggs", ["We need: a) milk", "b) eggs"]),
    ("我选5！你呢？", ["我选5！", "你呢？"]),
    ("5！好", ["5！", "好"]),
    ("First; second: third, fourth.", ["First; second: third, fourth."]),
    # As language models write
    ("1. Apples\n2. **Pears**: sweet. 3. Plums", ["1. Apples", "2. Pears: sweet.", "3. Plums"]),
    ("1\\. One\n1.1. Two\na. Three", ["1. One", "1.1. Two", "a. Three"]),
    ("1. **苹果**：很甜。\n2. 香蕉\n3.梨", ["1. 苹果：很甜。", "2. 香蕉", "3.梨"]),
    ("## 标题\n\n- **苹果**：很甜。\n- 香蕉\n", ["标题", "苹果：很甜。", "香蕉"]),
    ("**First. Second.** Third.", ["First.", "Second.", "Third."]),
    ("**第一句。第二句。**第三句。*四*。", ["第一句。", "第二句。", "第三句。", "四。"]),
    ("今天很好。**重点**是*休息*一下。", ["今天很好。", "重点是休息一下。"]),
    ("`你好。`然后 `pip install x`。", ["你好。", "然后 pip install x。"]),
    ("> Quoted *text* here.\n> More.", ["Quoted text here.", "More."]),
    ("| 城市 | 气温 |\n|---|:-:|\n| 北京 | 20°C |\n", ["城市, 气温", "北京, 20°C"]),
    ("Run this:\n```sh\nls. -l\n```\nThen rest.", ["Run this:", "Then rest."]),
    ("Here: ```py\nx = 1. \ny\n``` Done.", ["Here:", "Done."]),
    ("```python\nprint('never closed. ')\n", []),
    ("<think>The user. Hmm.\n\nOk</think>\n\n你好！", ["你好！"]),
    ("Hi. <think>no. no.</think>Bye.", ["Hi.", "Bye."]),
    ("<think>never closed. ", []),
    ("a < b, x <thin> y. Ok.", ["a < b, x <thin> y.", "Ok."]),
    ("See [the docs. Now](https://a.b/c). Ok.", ["See the docs.", "Now.", "Ok."]),
    ("[准备好了吗？](https://a.b)好。", ["准备好了吗？好。"]),
    ("![猫](cat.png)\n[Docs](https://a.b/c_(d)).", ["猫", "Docs."]),
    ("Great!😀 Next. 好的！👍🏽再见。", ["Great!", "Next.", "好的！", "再见。"]),
    ("😀 你好😊。👨‍👩‍👧 家 🇨🇳！1️⃣ 一", ["你好。", "家！", "一"]),
    ("---\n\nHello.\n\n***\n\nBye.\n\n---", ["Hello.", "Bye."]),
    ("3 * 4 = 12 in snake_case. __Yes__.", ["3 * 4 = 12 in snake_case.", "Yes."]),
    ("<b>Bold</b>. Tom &amp; Jerry<br>5 &lt; 6", ["Bold.", "Tom & Jerry 5 < 6"]),
    ("😀", []),
    ("---\n\n***", []),
    ("...", []),
    ("", []),
]
TEXTS = [text for text, _ in GOLDEN]

PIECES = """
    ``` <think> </think> ** ... Dr. No. U.S. etc. 1. e.g. p.m. 😀 👨‍👩‍👧 1️⃣ 🇨🇳 \u200b https://a.b/c?d=1. [x](y) &amp;
    <br> 你 好 Hello the A 3 .14 。 ！ ？ … . ! ? ” ’ 」 ） ) " ' * _ ` ~ # > | < & ; : , ， ； ： - \\ [ ] (
"""
FRAGMENTS = st.sampled_from([*PIECES.split(), " ", "\n", "\r", "\t", "\u2028"])
ANSWERS = st.one_of(
    st.lists(FRAGMENTS, max_size=40).map("".join),
    st.lists(st.sampled_from(TEXTS), max_size=4).map("\n".join),
    st.text(),
)
WORDS = st.lists(st.sampled_from(["Hello", "the", "cat", "now", "fish"]), min_size=1, max_size=6)
HANZI = st.text("你好今天气很", min_size=1, max_size=20)


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 10_000])
@pytest.mark.parametrize(("text", "spoken"), GOLDEN, ids=range(len(GOLDEN)))
def test_the_user_hears_these_sentences(text: str, spoken: list[str], size: int) -> None:
    assert list(split(in_chunks(text, size))) == spoken


@given(st.data())
def test_the_sentences_never_depend_on_where_the_chunks_end(data: st.DataObject) -> None:
    text = data.draw(ANSWERS)
    cuts = sorted(data.draw(st.sets(st.integers(0, len(text)))))
    chunks = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    assert sentences(chunks) == sentences([text]) == sentences(list(text))


@given(ANSWERS)
def test_at_any_time_the_sentences_and_the_rest_are_all_that_was_written(text: str) -> None:
    splitter, written = SentenceSplitter(), ""
    for position, character in enumerate(text, start=1):
        written += "".join(sentence.written for sentence in splitter.add(character))
        assert written + splitter.rest == text[:position]
    written += "".join(sentence.written for sentence in splitter.finish())
    assert written + splitter.rest == text


@given(ANSWERS.filter(lambda text: "`" not in text and "<think" not in text.lower()))
def test_what_is_left_after_the_last_sentence_has_nothing_to_speak(text: str) -> None:
    splitter = SentenceSplitter()
    splitter.add(text)
    splitter.finish()
    assert list(split([splitter.rest])) == []


@given(ANSWERS)
def test_every_sentence_has_a_word_to_speak(text: str) -> None:
    for sentence in sentences([text]):
        assert any(character.isalnum() for character in sentence.spoken)
        assert sentence.spoken == " ".join(sentence.spoken.split())


@given(HANZI)
def test_a_chinese_sentence_is_out_with_its_full_stop(sentence: str) -> None:
    splitter = SentenceSplitter()
    assert splitter.add(sentence) == []
    assert splitter.add("。") == [Sentence(f"{sentence}。", f"{sentence}。")]


@given(HANZI, st.sampled_from(["！", "？", "…", "……", "？！", "。”", "！」", "。）"]), HANZI)
def test_where_more_marks_may_follow_a_chinese_sentence_is_out_with_the_first_character_of_the_next(
    sentence: str, end: str, following: str
) -> None:
    written = {"”": "“", "」": "「", "）": "（"}.get(end[-1], "") + sentence + end
    splitter = SentenceSplitter()
    assert splitter.add(written) == []
    assert splitter.add(following[0]) == [Sentence(written, written)]


@given(WORDS.map(" ".join), st.sampled_from([*".!?", "...", "?!", "!)", "…"]))
def test_an_english_sentence_is_out_with_the_first_letter_of_the_next(sentence: str, end: str) -> None:
    splitter = SentenceSplitter()
    given = splitter.add(f"{sentence}{end} ") + splitter.add("T")
    assert given == [Sentence(f"{sentence}{end} ", sentence + end)]


@given(WORDS.map(" ".join))
def test_after_a_word_that_is_no_abbreviation_the_space_will_do(sentence: str) -> None:
    splitter = SentenceSplitter()
    assert splitter.add(f"{sentence} today.") == []
    assert splitter.add(" ") == [Sentence(f"{sentence} today. ", f"{sentence} today.")]


@given(WORDS.map(" ".join), st.sampled_from(["", ".", ":", "：", "!**"]))
def test_a_line_is_out_with_its_newline(line: str, end: str) -> None:
    splitter = SentenceSplitter()
    assert splitter.add(line + end) == []
    assert [given.written for given in splitter.add("\n")] == [f"{line}{end}\n"]


@given(st.lists(FRAGMENTS, max_size=15).map("".join).filter(lambda text: len(text) < LONG / 2.5))
def test_when_a_sentence_is_given_no_more_than_a_word_of_the_next_was_waited_for(text: str) -> None:
    splitter = SentenceSplitter()
    for character in text:
        if splitter.add(character):
            assert re.fullmatch(r"(?:\W|_)*[^\W_]*(?:\W|_)*[^\W_]?", splitter.rest)


@pytest.mark.parametrize(
    ("text", "proof"),
    [
        ("etc. ", "T"),
        ("at 5 p.m. ", "T"),
        ("No. ", "I"),
        ("She came. ", "5"),
        ("Hello.", "你"),
        ("“真的吗？”", "她"),
        ("It is in the U.S. ", "It "),
    ],
)
def test_an_end_in_doubt_waits_for_what_proves_it(text: str, proof: str) -> None:
    splitter = SentenceSplitter()
    assert splitter.add(text) + splitter.add(proof[:-1]) == []
    assert [given.written for given in splitter.add(proof[-1])] == [text]


@pytest.mark.parametrize(
    "text",
    [
        "in the U.S. Army",
        "at Yahoo! in",
        "a min. order",
        "from 1…10",
        "有 etc. 然后",
        "Apple Inc. 的员工",
        "J.K.罗琳",
        "“好吗？”的",
        "“好吧！”，他",
        "《你好！》很",
        "今天（真的吗？）下雪",
        "「行こう！」と",
        "She asked, 'Now?' and",
        "this. (See below",
        "At 5 a.m. Mr. Smith",
    ],
)
def test_what_only_looks_like_an_end_goes_on(text: str) -> None:
    assert SentenceSplitter().add(text) == []


SENTENCES = st.one_of(
    st.tuples(HANZI, st.sampled_from(["。", "！", "？", "……", "，"])).map("".join),
    st.tuples(HANZI, st.sampled_from(["“{}。”", "《{}》", "（{}！）", "「{}？」"])).map(
        lambda pair: pair[1].format(pair[0])
    ),
    st.tuples(WORDS.map(" ".join), st.sampled_from([". ", "! ", "? ", "... ", ", ", '." ', "\n"])).map("".join),
    st.sampled_from(
        ["It is 3.14. ", "At 5 p.m. ", "The U.S. ", "Dr. Wu ", "1) one 2) two ", "a. Ann b. Bob\n", "2*3*4 = 24. "]
    ),
)
MARKDOWN = st.sampled_from(
    [
        "# Title\n", "- **item**: yes.\n", "1. *one*\n", "| a | b |\n", "> said. \n", "[text. more](https://a.b/c) ",
        "`code` ", "<br>", "\\( x^2 \\) ", "**好。** ", "![cat](cat.png)\n", "---\n", "&amp; ", "~~gone~~ ", "😀",
        "https://a.b/c ",
    ]
)  # fmt: skip


@given(st.lists(SENTENCES).map("".join))
def test_of_plain_text_nothing_is_lost_and_nothing_is_said_twice(text: str) -> None:
    assert without_space("".join(split(in_chunks(text, 3)))) == without_space(spoken_text(text))


@given(st.lists(SENTENCES | MARKDOWN).map("".join))
def test_of_markdown_every_word_is_said_once(text: str) -> None:
    assert words_of("".join(split(in_chunks(text, 3)))) == words_of(spoken_text(text))


def test_a_flush_gives_the_sentence_without_an_end() -> None:
    splitter = SentenceSplitter()
    assert splitter.add("See Dr. Wu <thin") == []
    assert splitter.finish() == [Sentence("See Dr. Wu <thin", "See Dr. Wu <thin")]


def test_text_with_nothing_to_speak_joins_the_sentence_after_it() -> None:
    chunks = ["<think>Hm.</think>\n---\n😀\nHello. ```sh\nls\n```\nBye.\n\n👍"]
    assert [sentence.written for sentence in sentences(chunks)] == [
        "<think>Hm.</think>\n---\n😀\nHello. ",
        "```sh\nls\n```\nBye.\n",
    ]


def test_text_with_nothing_to_speak_at_the_very_end_is_the_rest() -> None:
    splitter = SentenceSplitter()
    assert splitter.add("Bye.\n\n👍") == [Sentence("Bye.\n", "Bye.")]
    assert splitter.finish() == []
    assert splitter.rest == "\n👍"


@given(st.lists(st.sampled_from(["word", "of", "many", "letters,", "则", "，"]), max_size=400))
def test_speech_never_waits_for_ever_for_a_full_stop(words: list[str]) -> None:
    splitter = SentenceSplitter()
    for word in words:
        splitter.add(word + " ")
        assert len(splitter.rest) <= LONG + len(word)


def test_a_very_long_sentence_is_cut_at_a_comma() -> None:
    clause = "and so the story went on for a while, "
    pieces = list(split([clause * 20]))
    assert len(pieces) > 1
    assert all(piece.endswith("while,") and len(piece) <= LONG for piece in pieces)


def test_a_very_long_sentence_without_commas_is_cut_between_words() -> None:
    pieces = list(split(["word " * 200]))
    assert " ".join(pieces) == ("word " * 200).strip()
    assert all(LONG / 2 <= len(piece) <= LONG for piece in pieces[:-1])


def test_a_very_long_chinese_sentence_is_cut_at_a_comma() -> None:
    pieces = list(split(["今天我们一起去公园看花，" * 20]))
    assert len(pieces) > 1
    assert all(piece.endswith("花，") and len(piece) <= 80 for piece in pieces)


def test_a_chinese_text_without_any_punctuation_is_cut_every_eighty_hanzi() -> None:
    assert [len(piece) for piece in split(["好" * 200])] == [80, 80, 40]


def test_a_semicolon_ends_a_long_sentence_at_once() -> None:
    splitter = SentenceSplitter()
    assert [given.spoken for given in splitter.add("我" * 40 + "；")] == ["我" * 40 + "；"]
    assert [given.spoken for given in splitter.add("word " * 20 + "end; ")] == ["word " * 20 + "end;"]


def test_a_long_address_is_not_cut_in_two() -> None:
    address = "https://example.com/" + "a.b/" * 100
    assert list(split([f"Look at {address}. Ok."])) == ["Look at example.com.", "Ok."]


def test_a_word_without_any_end_is_cut_all_the_same() -> None:
    assert [len(piece) for piece in split(["a" * 2500])] == [1000, 1000, 500]


REPETITIVE = """
    a 你 你好。 . *a [a]( <b~a= ｜| https://a.b/ &amp; ` ( 1. 1… _ # ** “ 《 ， 1)~a~ U.S.~ \\n \\frac{ $x "' ! ～
    word~ Hi!~ .~ etc.~ ```¶ ---¶ <think>x¶ 😀¶
"""
ANSWER = "今天天气很好，我们一起去公园散步吧。This is a sentence of the usual length, with a comma in it. "


@pytest.mark.parametrize("pattern", REPETITIVE.split())
def test_the_time_for_a_character_does_not_grow_with_the_answer(pattern: str) -> None:
    repeated = pattern.replace("~", " ").replace("¶", "\n")
    short, long = min(seconds_for(repeated, 2_000) for _ in range(3)), seconds_for(repeated, 16_000)
    assert long < 8 * short * 3 + 0.05  # quadratic would be 64 times the time


@pytest.mark.parametrize("pattern", [ANSWER, "(，"])
def test_a_million_characters_take_as_long_for_each_as_sixty_thousand(pattern: str) -> None:
    short, long = seconds_for(pattern, 62_500), seconds_for(pattern, 1_000_000)
    assert long < 16 * short * 2  # quadratic would be 256 times the time


def seconds_for(pattern: str, length: int) -> float:
    text = (pattern * length)[:length]
    began = time.process_time()
    list(split(in_chunks(text, 3)))
    return time.process_time() - began


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
@pytest.mark.parametrize("text", TEXTS[:5])
def test_an_asynchronous_stream_gives_the_same_sentences(text: str, backend: str) -> None:
    async def listen() -> None:
        assert [spoken async for spoken in split_async(streamed(text))] == list(split([text]))
        assert [sentence async for sentence in sentences_of(streamed(text))] == sentences([text])

    anyio.run(listen, backend=backend)


def without_space(text: str) -> str:
    return "".join(text.split())


def words_of(text: str) -> str:
    return "".join(filter(str.isalnum, text))


def in_chunks(text: str, size: int) -> Iterator[str]:
    return (text[start : start + size] for start in range(0, len(text), size))


def sentences(chunks: list[str]) -> list[Sentence]:
    splitter = SentenceSplitter()
    given = [sentence for chunk in chunks for sentence in splitter.add(chunk)]
    return given + splitter.finish()


async def streamed(text: str) -> AsyncGenerator[str, None]:
    for character in text:
        yield character
