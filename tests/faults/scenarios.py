"""The commands that write, on data so small that a run takes a second or less."""

from pathlib import Path

from bundle_scenarios import bundle_scenarios
from edge_scenarios import edge_scenarios
from small import make_data
from strike import Scenario
from training_scenarios import training_scenarios


def make_scenarios(place: Path) -> list[Scenario]:
    """All scenarios; what they share is made in `place`."""
    data_folder = place / "data"
    data = make_data(data_folder)
    return [
        *training_scenarios(place, data, data_folder),
        *edge_scenarios(data, data_folder, place),
        *bundle_scenarios(place),
    ]
