"""What a server tells of itself: health, metrics, its model, its OpenAPI."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
from served import PICTURES, as_png, form, serving

from edgemnist import Classifier, __version__
from edgemnist.serve.schema import About, Answers


def test_metrics_count_requests_errors_seconds_and_answers(digits):
    doubtful = next(digit for digit in digits if Classifier().predict(digit).status == "doubtful")
    with serving() as served:
        served.ask("POST", "/v1/predict", as_png(doubtful))
        served.ask("POST", "/v1/predict", as_png(np.zeros((28, 28), np.uint8)))
        body, kind = form([("a.png", as_png(digits[0])), ("b.png", b"none")])
        served.ask("POST", "/v1/predict", body, content_type=kind)
        served.ask("POST", "/v1/predict", b"none")
        served.ask("GET", "/a-path-that-a-client-made-up")
        served.ask("GET", "/healthz", host="evil.example")
        reply = served.ask("GET", "/metrics")
    lines = dict(line.rsplit(" ", 1) for line in reply.body.decode().splitlines() if not line.startswith("#"))
    assert reply.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert lines['edgemnist_requests_total{path="/v1/predict",status="200"}'] == "3.0"
    assert lines['edgemnist_requests_total{path="/v1/predict",status="422"}'] == "1.0"
    assert lines['edgemnist_requests_total{path="other",status="404"}'] == "1.0"
    assert lines['edgemnist_requests_total{path="other",status="421"}'] == "1.0"
    assert lines['edgemnist_request_seconds_count{path="/v1/predict"}'] == "4.0"
    assert float(lines['edgemnist_request_seconds_sum{path="/v1/predict"}']) > 0
    assert lines["edgemnist_errors_total"] == "0.0"
    counted = {status: lines[f'edgemnist_answers_total{{status="{status}"}}'] for status in ("ok", "doubtful", "blank")}
    assert counted == {"ok": "1.0", "doubtful": "1.0", "blank": "1.0"}
    assert lines['edgemnist_answers_total{status="unreadable"}'] == "1.0"
    assert lines["edgemnist_turns"] == "0.0"


def test_the_model_is_described(server):
    model, about = Classifier().model, server.ask("GET", "/v1/model").json
    assert About.model_validate(about).sha256 == model.sha256
    assert (about["name"], about["engine"], about["version"]) == (model.name, model.engine, __version__)
    assert about["thresholds"]["confidence"] == model.info.confidence.threshold
    assert about["collect"] is True


@pytest.mark.parametrize("query", ["top_k=10&inputs=1", "row=1", "row=1&inputs=1&top_k=3", "crop=0,0,10,10"])
def test_answers_are_what_openapi_says(server, query):
    files = [(name, (PICTURES / name).read_bytes()) for name in ("page.jpg", "row.jpg", "seven.jpg")]
    body, kind = form([*files, ("none.png", b"none")])
    answers = server.ask("POST", f"/v1/predict?{query}", body, content_type=kind).json
    assert len(Answers.model_validate(answers).answers) == 4


def test_openapi_names_all_paths_and_the_token_where_one_is_wanted(server, tmp_path):
    (tmp_path / "token").write_text("0123456789abcdef")
    with serving("--token-file", tmp_path / "token") as served:
        guarded, free = (one.ask("GET", "/openapi.json").json for one in (served, server))
    assert "securitySchemes" not in free["components"]
    wanted = {path for path, methods in guarded["paths"].items() for asked in methods.values() if "security" in asked}
    assert set(guarded["paths"]) == set(free["paths"]) == wanted | {"/healthz", "/readyz"}
    assert {path.split("/")[1] for path in wanted} == {"v1", "v2", "metrics"}


def test_the_page_answers_head_too(server):
    for path in ("/", "/page/index.html"):
        asked, told = server.ask("GET", path), server.ask("HEAD", path)
        assert (told.status, told.body) == (200, b"")
        assert told.headers["content-length"] == asked.headers["content-length"] == str(len(asked.body))


def test_no_page_of_documentation_loads_from_elsewhere(server):
    assert server.ask("GET", "/docs").status == server.ask("GET", "/redoc").status == 404


def test_a_path_of_another_method_says_which(server):
    reply = server.ask("DELETE", "/v1/predict")
    assert (reply.status, reply.headers["allow"]) == (405, "POST")
    assert reply.headers["content-type"] == "application/problem+json"


def test_without_the_extra_the_pip_line_is_named(tmp_path):
    (tmp_path / "fastapi.py").write_text("raise ModuleNotFoundError(\"No module named 'fastapi'\", name='fastapi')")
    done = subprocess.run(
        [sys.executable, "-m", "edgemnist", "serve"],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
    )
    assert (done.returncode, done.stdout) == (8, "")
    assert done.stderr == ('edgemnist: fastapi is not installed; this command needs: pip install "edgemnist[serve]"\n')


def test_answers_are_json_that_anybody_reads(server):
    body, kind = form([("dé\x07.png", b"none"), ("b.png", b"none")])
    reply = server.ask("POST", "/v1/predict", body, content_type=kind)
    assert reply.body.isascii()
    assert json.loads(reply.body)["answers"][0]["source"] == "dé\x07.png"
