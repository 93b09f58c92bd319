from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jetson_voice.sentences import split
from jetson_voice.spoken_text import UnspokenBlocks, spoken_text

SPOKEN: list[tuple[str, str]] = [
    # Emphasis
    ("**bold** and *it* and ***both***", "bold and it and both"),
    ("__bold__ and _it_ and ~~gone~~", "bold and it and gone"),
    ("这是**重点**，这是*强调*内容", "这是重点，这是强调内容"),
    ("**Note**that", "Notethat"),
    ("共**12**个", "共12个"),
    ("** sloppy **", "sloppy"),
    ("**First.", "First."),
    ("Second.**", "Second."),
    ("run `pip install x` now", "run pip install x now"),
    ("a \\*star\\* and 1\\. One", "a star and 1. One"),
    # Marks that are no marks
    ("3 * 4 = 12, 5*6=30, 2**8", "3 * 4 = 12, 5*6=30, 2**8"),
    ("长*宽，2 + 3 - 1 = 4", "长*宽，2 + 3 - 1 = 4"),
    ("snake_case_name and a-b", "snake_case_name and a-b"),
    ("C# is #1, -5°C, 50%, $3, ￥100", "C# is #1, -5°C, 50%, $3, ￥100"),
    ("a < b and c > d", "a < b and c > d"),
    ("AT&T, R&D; a|b, 10~20", "AT&T, R&D; a|b, 10~20"),
    ("array[0] and [1]", "array[0] and [1]"),
    # Lines
    ("# Title", "Title"),
    ("### 标题 ###", "标题"),
    ("##标题", "标题"),
    ("- item", "item"),
    ("  * item", "item"),
    ("+ item", "item"),
    ("• 苹果", "苹果"),
    ("- [x] done", "done"),
    ("1. Apples", "1. Apples"),
    ("> > quoted", "quoted"),
    ("> - **deep**", "deep"),
    ("| a | b |", "a, b"),
    ("| 北京 | 20°C", "北京, 20°C"),
    ("a | b", "a, b"),
    ("|---|:-:|", ""),
    ("---", ""),
    ("* * *", ""),
    # Links
    ("see [the docs](https://a.b/c_(d) 'T')", "see the docs"),
    ("see [the docs][1] and[^2]", "see the docs and"),
    ("![a cat](cat.png)", "a cat"),
    ("![](https://a.b/c.png)", ""),
    ("[the first. ", "the first."),
    ("the second](https://a.b)", "the second"),
    ("at https://www.example.com/a.b?x=1.", "at example.com."),
    ("at http://user:pw@example.com", "at example.com"),
    ("at http://localhost:8080/x", "at localhost"),
    ("(https://example.com/a)", "(example.com)"),
    ("看https://example.com/路径，好", "看example.com路径，好"),
    ("<https://example.com/a> <a@b.c> a_b@c.d", "example.com a@b.c a_b@c.d"),
    # HTML
    ("<b>Bold</b> H<sub>2</sub>O<br/>end", "Bold H2O end"),
    ('<a href="x">text</a><!-- no -->', "text"),
    ("<T> and <string>", "<T> and <string>"),
    ("Tom &amp; Jerry &lt;3 &#20320; &nosuch;", "Tom & Jerry <3 你 &nosuch;"),
    ("the end</think>", "the end"),
    # Emoji and what cannot be seen
    ("Great 😀! 好👍🏽的❤️", "Great! 好的"),
    ("a😀b 1️⃣ one #️⃣ 👨‍👩‍👧‍👦 🇨🇳🏴󠁧󠁢󠁥󠁮󠁧󠁿 ☀️ ★ ✅ ➡️ ↗️ ©️ ™️", "a b one"),
    ("A → B, 20°C, №5, ©", "A → B, 20°C, №5, ©"),
    ("z\u200be\u00adr\ufeffo \u0007\x1b\ud83d", "zero"),
    ("  white \t\n\u3000 space \u00a0 ", "white space"),
    ("😀👍", ""),
    ("……", ""),
    # Formulas
    ("\\( x^2 = 4 \\)，所以 \\(x = \\pm 2\\)。", "x^2 = 4，所以 x = ± 2。"),
    ("\\[ \\frac{1}{2} \\times 6 \\le 3 \\]", "1/2 × 6 ≤ 3"),
    ("$$\\boxed{x = \\sqrt{2}}$$", "x = √2"),
    ("$2x + 3 = 7$ and $\\pi r^{2}$", "2x + 3 = 7 and π r^2"),
    ("\\text{speed} = 90^\\circ", "speed = 90°"),
    ("\\frac{x^{2}}{\\sqrt{y_{1}}} \\in \\mathrm{R}", "x^2/√y_1 ∈ R"),
    ("$5 or $6, $7-$8, US$9", "$5 or $6, $7-$8, US$9"),
    ("2 ** 3, x ** 2, and a ** sloppy ** one", "2 ** 3, x ** 2, and a sloppy one"),
    ("\\begin{aligned}", ""),
    ("2*3*4 = 24, 长*宽*高", "2*3*4 = 24, 长*宽*高"),
    ("C:\\Users\\new", "C:\\Users\\new"),
    # What is repeated, left over, or only drawn
    ("太棒了！！！！真的？？？", "太棒了！真的？"),
    ("What?! No!? Hm?!?!", "What?! No!? Hm?!"),
    ("我想想，，，好、、吧；；", "我想想，好、吧；"),
    ("等等......嗯…………好。。。。吧", "等等...嗯……好……吧"),
    ("thing . . . is, well . . . .", "thing... is, well..."),
    ("好的~~~我来。好的～我来~ 明白~", "好的，我来。好的，我来 明白"),
    ("10~20度，3～5小时，周一~周五，~5", "10~20度，3～5小时，周一~周五，~5"),
    ("a ----- b ===== c", "a b c"),
    ("等一下————好", "等一下——好"),
    ("）然后继续", "然后继续"),
    ("！好", "好"),
    (".NET, .5, -5, +3", ".NET, .5, -5, +3"),
    ("好（😀）的【】 and print() or x[]", "好的 and print() or x[]"),
    ("你好<|im_end|><｜end▁of▁sentence｜>", "你好"),
    ("第一行\\n第二行\\n\\n- 第三行", "第一行 第二行 第三行"),
    ("std::vector", "std::vector"),
    # Bullets
    ("·苹果", "苹果"),
    ("• 9. The first", "9. The first"),
    ("⁃9. The first", "9. The first"),
    ("保持_冷静_，snake_case，用户_id", "保持冷静，snake_case，用户_id"),
    # Numbers
    ("３．14 和 3.14", "３.14 和 3.14"),
]


@pytest.mark.parametrize(("written", "spoken"), SPOKEN)
def test_the_voice_is_given_words_only(written: str, spoken: str) -> None:
    assert spoken_text(written) == spoken


@given(
    st.lists(st.sampled_from(["One.", "Two!", "three", "一。", "二", "3", "、"]), min_size=1),
    st.sampled_from(["**", "__", "***", "`", "~~"]),
)
def test_marks_around_many_sentences_leave_no_trace(words: list[str], mark: str) -> None:
    text = " ".join(words)
    assert list(split([f"{mark}{text}{mark}"])) == list(split([text]))


@given(st.text())
def test_the_voice_is_given_nothing_that_cannot_be_heard(written: str) -> None:
    spoken = spoken_text(written)
    assert not re.search(r"[\u200b-\u200f\ufe00-\ufe0f\u2600-\u26ff\U0001f000-\U0001ffff`]", spoken)
    assert not any(unicodedata.category(character).startswith("C") for character in spoken)
    assert spoken == " ".join(spoken.split())
    assert not spoken or any(character.isalnum() for character in spoken)


@given(st.from_regex(r"[abc你好]([ ，?。]?[abc你好])*", fullmatch=True))
def test_plain_words_are_left_as_they_are(written: str) -> None:
    assert spoken_text(written) == written


@pytest.mark.parametrize(
    ("written", "visible"),
    [
        ("a ```code``` b", "a  b"),
        ("<think>hm</think>a", "a"),
        ("<THINK>hm</Think>a", "a"),
        ("<thinking>hm</thinking>a", "a"),
        ("<thin> <<think>x</think>``y", "<thin> <``y"),
        ("````md\n````a", "`a"),
        ("a <thi", "a <thi"),
        ("a <think>never closed", "a "),
    ],
)
def test_code_and_reasoning_are_not_for_the_ear(written: str, visible: str) -> None:
    blocks = UnspokenBlocks()
    decided = [pair for character in written for pair in blocks.add(character)] + blocks.finish()
    assert "".join(character for character, _ in decided) == written
    assert "".join(character for character, is_visible in decided if is_visible) == visible
