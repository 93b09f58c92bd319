"""`python -m jetson_voice`: the same as the command `jetson-voice`."""

import sys

from jetson_voice.cli import main

sys.exit(main())
