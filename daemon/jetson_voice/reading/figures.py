"""What both languages write alike in figures: dates, times of day, fractions."""

from __future__ import annotations

from jetson_voice.reading.rules import TO

NO_MORE = r"(?![\w/]|\.\d| *=)"
"""What ends a date or a fraction; 10/2 = 5 is a division."""

YEAR_FIRST = r"(?<![\w.])(?P<year>\d{4})([-/.])(?P<month>\d{1,2})\2(?P<day>\d{1,2})(?![\d-]|[./]\d)"
MONTH_AND_DAY = rf"(?<![\w/.])(?P<month>[01]\d)/(?P<day>[0-3]\d){NO_MORE}"
"""Two digits each: 11/22 is a date, 3/4 is a fraction."""

CLOCK = r"(?<![\d:.])(?P<hour>[01]?\d|2[0-4]):(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d))?(?![\d:])"
BETWEEN_CLOCKS = rf"(?<=\d:[0-5]\d) ?{TO} ?(?=\d{{1,2}}:[0-5]\d)"
FRACTION = rf"(?<![\w/.])(?:(?P<whole>\d+) )?(?P<upper>\d{{1,4}})/(?P<lower>\d{{1,4}}){NO_MORE}"
