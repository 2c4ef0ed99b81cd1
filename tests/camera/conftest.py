"""The films and sheets of the edge tests are needed here too."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "edge"))
