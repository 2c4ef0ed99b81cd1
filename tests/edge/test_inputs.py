"""Every line of docs/inputs.md: what is taken gives the right digits, what is refused says what to do instead."""

import re

import pytest
from inputs import IMAGES, PICTURES, REFUSED, names, outcome

pytestmark = pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")


@pytest.fixture(scope="module")
def known(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("inputs"))
        yield names()


@pytest.mark.parametrize(("code", "wanted"), [line[1:] for line in PICTURES + IMAGES])
def test_what_has_one_meaning_is_taken(known, code, wanted):
    assert outcome(code, known) == wanted


@pytest.mark.parametrize(("code", "pattern"), [line[1:] for line in REFUSED])
def test_what_has_none_is_refused_with_the_way_out(known, code, pattern):
    error = outcome(code, known)
    assert re.match(pattern, error), error
    assert "\n" not in error
