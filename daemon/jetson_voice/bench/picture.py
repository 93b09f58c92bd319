"""The waterfalls as one picture: an SVG that needs nothing else, readable on light and on dark."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final, Literal

Stage = Literal["silence", "transcribe", "think", "synthesize", "held", "play"]

LEGEND: Final[dict[Stage, str]] = {
    "silence": "silence until the endpoint",
    "transcribe": "transcribe",
    "think": "think ❘ first token",
    "synthesize": "synthesize",
    "held": "ready, held back",
    "play": "play",
}

CAPTION: Final = (
    "Seconds after the last sound of the question: the median turn, and the first sound of all turns (● nine of ten)"
)

WIDTH: Final = 960
LEFT: Final = 110
RIGHT: Final = 90
TOP: Final = 56
ROW: Final = 104
SILENCE_Y: Final = 8
SILENCE_HEIGHT: Final = 8
WORK_Y: Final = 20
WORK_HEIGHT: Final = 24
WHISKER_Y: Final = 56
FOOT: Final = 46
WHISKER_TEXT_Y: Final = 76
MOST_TICKS: Final = 10

STYLE: Final = """
svg { font: 13px system-ui, sans-serif; }
.ground { fill: #ffffff; } .text { fill: #1f2328; } .faint { fill: #59636e; font-size: 12px; }
.grid { stroke: #d8dee4; } .mark { stroke: #1f2328; stroke-width: 2; } .dot { fill: #1f2328; }
.silence { fill: #afb8c1; } .transcribe { fill: #4c8dd6; } .think { fill: #e8a33d; } .synthesize { fill: #3fa37a; }
.held { fill: none; stroke: #3fa37a; stroke-dasharray: 3 3; } .play { fill: #b86bb0; }
@media (prefers-color-scheme: dark) {
.ground { fill: #0d1117; } .text { fill: #e6edf3; } .faint { fill: #9198a1; }
.grid { stroke: #2f353d; } .mark { stroke: #e6edf3; } .dot { fill: #e6edf3; }
.silence { fill: #59636e; }
}
"""


@dataclass(frozen=True)
class Segment:
    """A stage from one second to another, counted from the end of speech."""

    stage: Stage
    begin: float
    end: float


@dataclass(frozen=True)
class Bar:
    """The median turn of a mode, and how the first sound of all its turns is spread; in seconds."""

    name: str
    segments: Sequence[Segment]
    first_token: float
    first_sound: float
    p90: float
    worst: float


def svg_of(bars: Sequence[Bar], title: str) -> str:
    """The bars below each other, on one axis of time."""
    axis = Axis.up_to(max((bar.worst for bar in bars), default=1.0))
    height = TOP + ROW * len(bars) + FOOT
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">',
        f"<title>{escape(title)}</title><style>{STYLE}</style>",
        f'<rect class="ground" width="{WIDTH}" height="{height}"/>',
        *grid(axis, height - FOOT),
    ]
    for index, bar in enumerate(bars):
        parts += [f'<g transform="translate(0 {TOP + ROW * index})">', *drawn(bar, axis), "</g>"]
    parts += [*legend(height - 22), "</svg>"]
    return "\n".join(parts) + "\n"


@dataclass(frozen=True)
class Axis:
    """From the end of speech on."""

    seconds: float
    step: float

    @classmethod
    def up_to(cls, seconds: float) -> Axis:
        """Long enough for these, in round steps."""
        step = next(each for each in (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0) if seconds / each <= MOST_TICKS)
        return cls(step * -(-seconds // step), step)

    def x(self, seconds: float) -> float:
        """Where a moment is; what came before the end of speech is at its left end."""
        return round(LEFT + max(0.0, seconds) / self.seconds * (WIDTH - LEFT - RIGHT), 1)


def grid(axis: Axis, bottom: float) -> Iterator[str]:
    """Lines of time and their names."""
    yield f'<text class="faint" x="{LEFT}" y="20">{CAPTION}</text>'
    for tick in range(round(axis.seconds / axis.step) + 1):
        x = axis.x(tick * axis.step)
        yield f'<line class="grid" x1="{x}" x2="{x}" y1="{TOP - 8}" y2="{bottom}"/>'
        yield f'<text class="faint" x="{x}" y="{TOP - 13}" text-anchor="middle">{tick * axis.step:g}</text>'


def drawn(bar: Bar, axis: Axis) -> Iterator[str]:
    """A turn: the silence above, the work below it, the first sound, and the spread of all turns."""
    yield f'<text class="text" x="{LEFT - 12}" y="{WORK_Y + 17}" text-anchor="end">{escape(bar.name)}</text>'
    for each in bar.segments:
        y, height = (SILENCE_Y, SILENCE_HEIGHT) if each.stage == "silence" else (WORK_Y, WORK_HEIGHT)
        width = round(axis.x(each.end) - axis.x(each.begin), 1)
        yield (
            f'<rect class="{each.stage}" x="{axis.x(each.begin)}" y="{y}" width="{width}" height="{height}">'
            f"<title>{LEGEND[each.stage]}: {1000 * (each.end - each.begin):.0f} ms</title></rect>"
        )
    token = axis.x(bar.first_token)
    yield f'<line class="mark" x1="{token}" x2="{token}" y1="{WORK_Y}" y2="{WORK_Y + WORK_HEIGHT}"/>'
    sound = axis.x(bar.first_sound)
    yield f'<line class="mark" x1="{sound}" x2="{sound}" y1="{SILENCE_Y}" y2="{WHISKER_Y + 4}"/>'
    yield (
        f'<text class="text" x="{sound + 6}" y="{WORK_Y + 17}">'
        f'<tspan font-weight="600">{1000 * bar.first_sound:.0f} ms</tspan></text>'
    )
    yield from whisker(bar, axis)


def whisker(bar: Bar, axis: Axis) -> Iterator[str]:
    """From the median first sound through the ninth of ten to the worst."""
    median, p90, worst = (axis.x(each) for each in (bar.first_sound, bar.p90, bar.worst))
    yield f'<line class="mark" x1="{median}" x2="{worst}" y1="{WHISKER_Y}" y2="{WHISKER_Y}" stroke-opacity="0.5"/>'
    yield f'<circle class="dot" cx="{p90}" cy="{WHISKER_Y}" r="3.5"/>'
    yield f'<line class="mark" x1="{worst}" x2="{worst}" y1="{WHISKER_Y - 4}" y2="{WHISKER_Y + 4}"/>'
    text = f"all turns: p50 {1000 * bar.first_sound:.0f}, p90 {1000 * bar.p90:.0f}, worst {1000 * bar.worst:.0f} ms"
    yield f'<text class="faint" x="{LEFT}" y="{WHISKER_TEXT_Y}">{text}</text>'


def legend(y: float) -> Iterator[str]:
    """What the colours are."""
    x = LEFT
    for stage, name in LEGEND.items():
        yield f'<rect class="{stage}" x="{x}" y="{y - 10}" width="12" height="12"/>'
        yield f'<text class="faint" x="{x + 17}" y="{y}">{name}</text>'
        x += 30 + 7 * len(name)
