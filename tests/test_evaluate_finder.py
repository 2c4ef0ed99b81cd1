"""`evaluate` on a finder: its validation pages are drawn again, from MNIST's validation digits."""

from edgemnist.model.opened import open_finder
from edgemnist.model.shipped import finder_path
from edgemnist.train.finder import evaluate_finder


def test_the_finder_that_ships_finds_what_its_file_recorded(mnist):
    finder = open_finder(finder_path("int8"))
    assert finder.info.validation.found > 0
    assert evaluate_finder(finder, mnist) == finder.info.validation
