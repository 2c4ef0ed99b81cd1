"""What `/v1/predict` answers: what `infer --format json` prints."""

import json
import subprocess
import sys

import pytest
from served import PICTURES

INFER = {"row=1": ["--row"], "rotate=90": ["--rotate", "90"], "crop=25%25,0,50%25,100%25": ["--crop", "25%,0,50%,100%"]}


def infer(path, *options):
    command = [sys.executable, "-m", "edgemnist", "infer", path, "--format", "json", "--top-k", "3", *options]
    return [json.loads(line) for line in subprocess.run(command, capture_output=True, text=True).stdout.splitlines()]


@pytest.mark.parametrize("query", ["", *INFER])
def test_a_picture_is_answered_as_infer_does(server, query):
    reply = server.ask("POST", f"/v1/predict?top_k=3&{query}", (PICTURES / "row.jpg").read_bytes())
    (expected,) = infer(PICTURES / "row.jpg", *INFER.get(query, []))
    assert reply.json == {"answers": [{**expected, "source": "body"}]}
    assert (reply.status, reply.headers["content-type"]) == (200, "application/json")
