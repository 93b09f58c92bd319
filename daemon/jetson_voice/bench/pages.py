"""What was measured, on paper: Markdown, and a page of HTML with the picture."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from pathlib import Path
from typing import Final

from jetson_voice.bench.picture import Bar, Segment, svg_of
from jetson_voice.bench.report import Results, Table, spread, tables
from jetson_voice.bench.waterfall import Mode, Waterfall

TITLE: Final = "How long the user waits for the first sound"

STYLE: Final = """
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
svg { width: 100%; height: auto; }
table { border-collapse: collapse; }
th, td { padding: .2rem .8rem; border-bottom: 1px solid #8884; text-align: right; }
th:first-child, td:first-child { text-align: left; padding-left: 0; }
"""


def write(results: Results, folder: Path) -> None:
    """waterfall.svg, waterfall.html and turns.md, in a folder that is there; OSError."""
    picture = svg_of(bars(results), f"{TITLE}: {results.about}")
    (folder / "waterfall.svg").write_text(picture, encoding="utf-8")
    (folder / "waterfall.html").write_text(html(results, picture), encoding="utf-8")
    (folder / "turns.md").write_text(f"# {TITLE}\n\n{markdown(results)}\n", encoding="utf-8")


def bars(results: Results) -> list[Bar]:
    """A bar for each mode: its median turn."""
    return [bar for mode in results.modes for bar in bar_of(mode, results.waterfalls(mode))]


def bar_of(mode: Mode, waterfalls: list[Waterfall]) -> Iterator[Bar]:
    """The turn whose first sound is the median; nothing where no turn was measured."""
    found = spread(each.first_sample_heard for each in waterfalls)
    if found:
        median = next(each for each in waterfalls if each.first_sample_heard == found.p50)
        yield Bar(mode, segments(median), median.first_token, found.p50, found.p90, found.worst)


def segments(turn: Waterfall) -> list[Segment]:
    """The stages of a turn; each begins when what it needs is there, and a piece made ahead waits for the endpoint."""
    playing_from = max(turn.first_sample_made, turn.endpoint)
    return [
        Segment("silence", 0.0, turn.endpoint),
        Segment("transcribe", turn.transcription_begun, turn.transcript),
        Segment("think", turn.transcript, turn.first_sentence),
        Segment("synthesize", turn.first_sentence, turn.first_sample_made),
        Segment("held", turn.first_sample_made, playing_from),
        Segment("play", playing_from, turn.first_sample_heard),
    ]


def markdown(results: Results) -> str:
    """The tables."""
    return "\n\n".join([f"Measured: {results.about}.", *map(markdown_of, tables(results))])


def markdown_of(table: Table) -> str:
    """One table."""
    lines = [f"## {table.title}", ""]
    if table.rows:
        lines += [piped(table.head), "|---|" + "---:|" * (len(table.head) - 1), *map(piped, table.rows), ""]
    return "\n".join([*lines, *(f"- {note}" for note in table.notes)]).rstrip()


def piped(cells: Iterable[str]) -> str:
    """A row."""
    return f"| {' | '.join(cells)} |"


def html(results: Results, picture: str) -> str:
    """A page that needs nothing else."""
    parts = "\n".join(html_of(table) for table in tables(results))
    return (
        f'<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>{TITLE}</title>\n'
        f"<style>{STYLE}</style>\n<h1>{TITLE}</h1>\n<p>Measured: {escape(results.about)}.</p>\n"
        f"{picture}{parts}\n</html>\n"
    )


def html_of(table: Table) -> str:
    """One table."""
    lines = [f"<h2>{escape(table.title)}</h2>"]
    if table.rows:
        lines += ["<table>", celled("th", table.head), *(celled("td", row) for row in table.rows), "</table>"]
    return "\n".join([*lines, *(f"<p>{escape(note)}</p>" for note in table.notes)])


def celled(kind: str, cells: Iterable[str]) -> str:
    """A row."""
    return "<tr>" + "".join(f"<{kind}>{escape(cell)}</{kind}>" for cell in cells) + "</tr>"
