"""What /v1/predict answers: what `infer --format json` prints."""

import base64
import io
import json
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image
from served import PICTURES, as_png, form, serving

from edgemnist import Classifier

OPTIONS = {
    "": [],
    "row=1": ["--row"],
    "rotate=90": ["--rotate", "90"],
    "crop=25%25,0,50%25,100%25": ["--crop", "25%,0,50%,100%"],
    "row=1&rotate=180&crop=10,10,300,200": ["--row", "--rotate", "180", "--crop", "10,10,300,200"],
}


def infer(path, *options):
    command = [sys.executable, "-m", "edgemnist", "infer", path, "--format", "json", *options]
    return [json.loads(line) for line in subprocess.run(command, capture_output=True, text=True).stdout.splitlines()]


@pytest.mark.parametrize("query", OPTIONS)
def test_a_picture_is_answered_as_infer_does(server, query):
    reply = server.ask("POST", f"/v1/predict?top_k=3&{query}", (PICTURES / "row.jpg").read_bytes())
    (expected,) = infer(PICTURES / "row.jpg", "--top-k", "3", *OPTIONS[query])
    assert (reply.status, reply.headers["content-type"]) == (200, "application/json")
    assert reply.json == {"answers": [{**expected, "source": "body"}]}


def test_a_page_of_numbers_is_answered_as_infer_does(server):
    body, kind = form([("page.jpg", (PICTURES / "page.jpg").read_bytes())])
    (expected,) = infer(PICTURES / "page.jpg", "--row")
    assert server.ask("POST", "/v1/predict?row=1", body, content_type=kind).json == {
        "answers": [{**expected, "source": "page.jpg"}]
    }


def test_each_page_of_a_tiff_has_its_answer(server, digits, tmp_path):
    pages = [Image.fromarray(digit) for digit in digits[:3]]
    pages[0].save(tmp_path / "scan.tif", save_all=True, append_images=pages[1:])
    reply = server.ask("POST", "/v1/predict", (tmp_path / "scan.tif").read_bytes())
    assert reply.json["answers"] == [{**answer, "source": "body"} for answer in infer(tmp_path / "scan.tif")]
    assert [answer["frame"] for answer in reply.json["answers"]] == [0, 1, 2]


def test_of_several_pictures_one_that_cannot_be_read_costs_its_own_answer_only(server, digits):
    body, kind = form([("a.png", as_png(digits[0])), ("b.png", b"no picture"), ("ü.png", as_png(digits[1]))])
    answers = server.ask("POST", "/v1/predict", body, content_type=kind).json["answers"]
    labels = [prediction.label for prediction in Classifier().predict(digits[:2])]
    assert [(answer["source"], answer["label"]) for answer in answers] == [
        ("a.png", labels[0]),
        ("b.png", None),
        ("ü.png", labels[1]),
    ]
    assert answers[1]["status"] == "unreadable"
    assert "not a picture that can be read" in answers[1]["error"]


def test_inputs_are_what_the_model_saw(server):
    classifier = Classifier()
    for query, read in ((b"", classifier.read_digit), (b"&row=1", classifier.read_row)):
        reply = server.ask("POST", f"/v1/predict?inputs=1{query.decode()}", (PICTURES / "row.jpg").read_bytes())
        seen = [np.frombuffer(base64.b64decode(text), np.uint8) for text in reply.json["answers"][0]["inputs"]]
        readings = read(PICTURES / "row.jpg")
        expected = [reading.image for reading in (readings if isinstance(readings, list) else [readings])]
        assert np.array_equal(np.array(seen).reshape(-1, 28, 28), expected)


NO_PICTURES = {
    "empty": (b"", {}, 422, "there is no picture in the request"),
    "no picture": (b"GIF8", {}, 422, "the picture is not a picture that can be read"),
    "a form without files": (form([])[0], {"content_type": form([])[1]}, 422, "there is no picture"),
    "a form that is none": (b"picture", {"content_type": form([])[1]}, 400, "the form is damaged"),
    "a form without boundary": (b"picture", {"content_type": "multipart/form-data"}, 400, "the form is damaged"),
}


@pytest.mark.parametrize("name", NO_PICTURES)
def test_what_is_no_picture_is_a_problem_of_one_line(server, name):
    body, headers, status, line = NO_PICTURES[name]
    reply = server.ask("POST", "/v1/predict", body, **headers)
    assert (reply.status, reply.headers["content-type"]) == (status, "application/problem+json")
    assert reply.json.keys() == {"type", "title", "status", "detail"}
    assert reply.json["status"] == status
    assert reply.json["detail"].startswith(line)
    assert reply.json["detail"].isprintable()


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("rotate=45", "rotate"),
        ("crop=1,2,3", "crop"),
        ("crop=0,0,9999,9999", "crop 0,0,9999,9999 reaches beyond the picture"),
        ("crop=0,0,0,5", "crop 0,0,0,5 has no area"),
        ("top_k=11", "top_k"),
        ("rows=1", "rows"),
    ],
)
def test_a_parameter_that_cannot_be_meant_is_named(server, query, names):
    reply = server.ask("POST", f"/v1/predict?{query}", (PICTURES / "row.jpg").read_bytes())
    assert (reply.status, reply.headers["content-type"]) == (422, "application/problem+json")
    assert names in reply.json["detail"]
    assert "--" not in reply.json["detail"]


def test_too_many_pictures_and_pages_are_refused(server, digits):
    body, kind = form([("a.png", as_png(digits[0]))] * 21)
    assert server.ask("POST", "/v1/predict", body, content_type=kind).status == 413
    stream = io.BytesIO()
    pages = [Image.fromarray(digits[0])] * 21
    pages[0].save(stream, "TIFF", save_all=True, append_images=pages[1:])
    assert server.ask("POST", "/v1/predict", stream.getvalue()).status == 413


def test_names_of_files_are_names_only(server, digits, tmp_path):
    place = tmp_path / "digit.png"
    place.write_bytes(as_png(digits[0]))
    for name in (str(place), "../../etc/passwd", "data:image/png;base64,AAAA", "http://127.0.0.1/x.png"):
        body, kind = form([(name, b"no picture"), ("b.png", as_png(digits[0]))])
        first, _ = server.ask("POST", "/v1/predict", body, content_type=kind).json["answers"]
        assert (first["source"], first["status"]) == (name, "unreadable")


@pytest.mark.parametrize("text", [b"data:image/png;base64,iVBORw0KGgo=", b"/etc/hostname", b"http://127.0.0.1/"])
def test_a_body_is_a_picture_never_a_way_to_one(server, text):
    assert server.ask("POST", "/v1/predict", text).status == 422


def test_doubtful_digits_are_kept_where_the_server_collects_and_the_client_does_not_object(digits, tmp_path):
    classifier = Classifier()
    doubtful = next(digit for digit in digits if classifier.predict(digit).status == "doubtful")
    with serving("--collect", tmp_path / "kept") as served:
        served.ask("POST", "/v1/predict?collect=0", as_png(doubtful))
        assert not (tmp_path / "kept").exists()
        served.ask("POST", "/v1/predict", as_png(doubtful))
        (kept,) = (tmp_path / "kept" / "unlabeled").iterdir()
        with Image.open(kept) as file:
            assert np.array_equal(np.asarray(file), doubtful)
