from __future__ import annotations

import re
from pathlib import Path

import pytest

from jetson_voice.bench.cases import CaseSet, case_sets
from jetson_voice.bench.contenders import OURS, Contender, plain_cut
from jetson_voice.bench.sentences import delay, exact, invariant, report
from jetson_voice.cli import parser
from jetson_voice.spoken_text import spoken_text

TABLE = Path(__file__).parents[2] / "docs" / "sentences.md"
SETS = {case_set.title: case_set for case_set in case_sets()}


def rows_of(section: str) -> dict[str, list[str]]:
    """The rows of one section's table in the committed file: a contender and its cells, or "" and the sets."""
    part = TABLE.read_text(encoding="utf-8").split(f"## {section}\n")[1].split("\n## ")[0]
    lines = [line.strip("| ") for line in part.splitlines() if line.startswith("|")]
    rows = [[cell.strip() for cell in line.split("|")] for line in lines]
    return {"": rows[0]} | {name: cells for name, *cells in rows[2:]}


@pytest.mark.parametrize(("place", "case_set"), list(enumerate(SETS.values())), ids=list(SETS))
def test_the_committed_figures_are_those_of_this_code(place: int, case_set: CaseSet) -> None:
    exact_rows, invariant_rows = rows_of("Exact"), rows_of("Chunk-invariant")
    assert exact_rows[""][place] == f"{case_set.title} ({len(case_set.cases)})"
    assert exact_rows[OURS.label][place] == str(exact(OURS, case_set))
    assert invariant_rows[OURS.label][place] == str(invariant(OURS, case_set)) == str(len(case_set.cases))
    assert rows_of("Delay")[OURS.label][place] == delay(OURS, case_set)


@pytest.mark.parametrize("section", ["Exact", "Chunk-invariant"])
def test_nobody_cuts_better(section: str) -> None:
    rows = rows_of(section)
    del rows[""]
    ours = [int(cell) for cell in rows.pop(OURS.label)]
    assert len(rows) == 5
    for name, cells in rows.items():
        assert all(mine >= int(cell) for mine, cell in zip(ours, cells, strict=True)), name


def test_nobody_who_waits_for_the_proof_of_an_end_is_earlier() -> None:
    rows = rows_of("Delay")
    del rows[""], rows["a cut after every mark"]
    ours = medians(rows.pop(OURS.label))
    for name, cells in rows.items():
        assert all(mine <= other for mine, other in zip(ours, medians(cells), strict=True)), name


def medians(cells: list[str]) -> list[float]:
    return [float(cell.split(" / ")[0]) for cell in cells]


def test_a_contender_that_is_not_installed_is_named() -> None:
    table = report([Contender("nobody", plain_cut, package="no-such-package-of-anybody")])
    assert table.count("| nobody | not installed |") == 5
    assert re.search(rf"^\| {OURS.label} \| \d", table, re.MULTILINE)


def test_the_cases_hold_every_word_of_their_text() -> None:
    for case_set in SETS.values():
        if case_set.title != "own markdown":
            for case in case_set.cases:
                assert "".join(filter(str.isalnum, "".join(case.pieces))) == "".join(filter(str.isalnum, case.text))


def test_what_our_markdown_cases_expect_is_clean() -> None:
    for case in SETS["own markdown"].cases:
        assert [spoken_text(piece) for piece in case.pieces] == list(case.pieces)


def test_the_command_takes_a_file() -> None:
    assert parser().parse_args(["bench", "sentences", "--out", "x.md"]).out == Path("x.md")
