"""What a campaign calls old, new, lost and strange: a judge that lets everything pass would find nothing."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from judge import unlike

OLD = {"a": "old a", "b": "old b", "waits/c": "c"}
NEW = {"a": "new a", "b": "new b", "labeled/c": "c"}


@pytest.mark.parametrize("found", [OLD, NEW])
def test_all_old_and_all_new_are_fine(found):
    assert unlike(found, (OLD, NEW), together=True) == ""


def test_files_of_both_states_are_fine_where_each_is_for_itself():
    some = {"a": "new a", "b": "old b", "waits/c": "c"}
    assert unlike(some, (OLD, NEW), together=False) == ""
    assert unlike(some, (OLD, NEW), together=True).startswith("some old, some new")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"a": "half"}, "neither old nor new: ['a']"),
        ({"d": "litter"}, "neither old nor new: ['d']"),
        ({"b": None}, "lost: ['b']"),
        ({"waits/c": None}, "lost: ['c']"),
    ],
    ids=["half", "litter", "gone", "neither here nor there"],
)
def test_what_is_neither_is_found(change, said):
    found = {name: content for name, content in (OLD | change).items() if content}
    assert unlike(found, (OLD, NEW), together=False) == said


def test_what_is_to_be_deleted_may_be_gone():
    assert unlike({"a": "a"}, ({"a": "a", "b": "b"}, {}), together=False) == ""
