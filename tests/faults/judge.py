"""What must hold after a fault."""

import signal
from pathlib import Path

from strike import Scenario, Snapshot, in_a_child


def judge(
    scenario: Scenario, folder: Path, code: int, fault: str, event: str, states: tuple[Snapshot, Snapshot], log: Path
) -> str:
    """What does not hold after a fault; empty when everything does.

    The exit code is one of the table and there is no traceback. What is there is old or new, as `unlike` says. No file
    of ours lies around, unless the command was killed or could not remove it. The same command, run again, makes all
    new, and leaves nothing around.
    """
    new = states[1]
    said = log.read_text(errors="replace")
    killed = fault == "SIGKILL"
    if killed and code != -signal.SIGKILL:
        return f"exit code {code} although killed"
    if not killed and code not in scenario.codes:
        return f"exit code {code}: {said[-600:]}"
    if "Traceback" in said or "Error ignored" in said:
        return f"a traceback: {said[-600:]}"
    found = scenario.look(folder)
    litter = {name for name in found if name.endswith(".edgemnist-part")}
    if litter and not killed and event not in ("unlink", "open"):
        return f"left behind: {sorted(litter)}"
    rest = {name: content for name, content in found.items() if name not in litter}
    if scenario.between != "states":
        if what := unlike(rest, states, together=scenario.between == "nothing" and not killed):
            return what
        if code == 0 and rest != new:
            return "exit code 0, but not all new"
    again = in_a_child(lambda: scenario.act(folder), log)
    if again != 0:
        return f"run again: exit code {again}: {log.read_text(errors='replace')[-600:]}"
    after = scenario.look(folder)
    if after != new:
        return f"run again: not all new: {sorted(set(after.items()) ^ set(new.items()))}"
    return ""


def unlike(found: Snapshot, states: tuple[Snapshot, Snapshot], *, together: bool) -> str:
    """What makes a folder neither the old one nor the new one; empty when nothing does.

    Every file is the old one or the new one, and none is lost: what both states hold is there, under the old name or
    the new one. All of them are of one state where they belong `together`.
    """
    old, new = states
    strange = [name for name, content in found.items() if content not in (old.get(name), new.get(name))]
    if strange:
        return f"neither old nor new: {strange}"
    kept = set(old.values()) & set(new.values())
    lost = [name for name in old if name in new and name not in found] + sorted(kept - set(found.values()))
    if lost:
        return f"lost: {lost}"
    if together and found not in (old, new):
        return f"some old, some new: {sorted(set(old.items()) ^ set(found.items()))}"
    return ""
