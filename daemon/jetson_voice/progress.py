"""How a long download is shown: a bar on a terminal, a plain line in a log."""

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from tqdm import tqdm

Report = Callable[[int], None]
"""Told how many bytes have come so far."""


class Progress(Protocol):
    """Where a download says what it does."""

    def line(self, text: str) -> None:
        """Say one thing."""

    def bar(self, name: str, size: int) -> AbstractContextManager[Report]:
        """Show how the `size` bytes of `name` come, as long as the context lasts."""


def progress_here() -> Progress:
    """Return bars where standard error is a terminal, lines where it is not."""
    return Bars() if sys.stderr.isatty() else Lines()


class Lines:
    """Plain lines on standard output."""

    def line(self, text: str) -> None:
        """Print `text` at once."""
        print(text, flush=True)

    @contextmanager
    def bar(self, name: str, size: int) -> Iterator[Report]:
        """Show nothing: the line that ends it is enough."""
        del name, size
        yield lambda _: None


class Bars(Lines):
    """Plain lines, and under them a bar on standard error."""

    @contextmanager
    def bar(self, name: str, size: int) -> Iterator[Report]:
        """Show the bytes and the rate; nothing of it stays."""
        with tqdm(total=size, desc=name, unit="B", unit_scale=True, leave=False) as bar:

            def report(done: int) -> None:
                bar.update(min(done, size) - bar.n)

            yield report


def in_words(size: int) -> str:
    """Return a number of bytes as a person says it: `145 MB`, `5 kB`."""
    return f"{size / 1e6:.0f} MB" if size >= 1e6 else f"{size / 1e3:.0f} kB"
