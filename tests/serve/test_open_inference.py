"""The Open Inference Protocol, in requests made by hand; `make clients` asks with Triton's own client."""

import json
import struct

import numpy as np
import pytest

from edgemnist.model.opened import default_model, open_model, run

PATH = "/v2/models/edgemnist/infer"
LENGTH = "inference-header-content-length"


@pytest.fixture(scope="module")
def model():
    return open_model(default_model("int8"))


def tensor(images, **fields):
    return {"name": "image", "datatype": "UINT8", "shape": [len(images), 1, 28, 28], **fields}


def ask(server, request, behind=b""):
    head = json.dumps(request).encode()
    return server.ask("POST", PATH, head + behind, **({LENGTH: str(len(head))} if behind else {}))


def in_json(server, images, **fields):
    return ask(server, {"inputs": [tensor(images, data=images.ravel().tolist())], **fields})


def as_bytes(server, images, **fields):
    described = tensor(images, parameters={"binary_data_size": images.size})
    return ask(server, {"inputs": [described], **fields}, images.tobytes())


@pytest.mark.parametrize("send", [in_json, as_bytes])
def test_images_are_answered_with_the_models_own_numbers(server, model, digits, send):
    reply = send(server, digits[:3], id="seven")
    answers = run(model, digits[:3])
    assert reply.json == {
        "model_name": "edgemnist",
        "model_version": "1",
        "id": "seven",
        "outputs": [
            {"name": name, "datatype": "FP32", "shape": [3, 10], "data": values.ravel().tolist()}
            for name, values in (("probabilities", answers.probabilities), ("logits", answers.logits))
        ],
    }
    assert (reply.status, reply.headers["content-type"]) == (200, "application/json")


def test_images_may_be_nested_lists(server, digits):
    flat, nested = in_json(server, digits[:2]), digits[:2].reshape(2, 1, 28, 28).tolist()
    assert ask(server, {"inputs": [tensor(digits[:2], data=nested)]}).json == flat.json


def test_whole_numbers_may_be_written_as_floats(server, digits):
    as_floats = [float(value) for value in digits[0].ravel()]
    assert ask(server, {"inputs": [tensor(digits[:1], data=as_floats)]}).json == in_json(server, digits[:1]).json


@pytest.mark.parametrize(
    ("fields", "binary"),
    [
        ({"parameters": {"binary_data_output": True}}, ["probabilities", "logits"]),
        ({"outputs": [{"name": "logits", "parameters": {"binary_data": True}}]}, ["logits"]),
        (
            {
                "outputs": [{"name": "logits"}, {"name": "probabilities", "parameters": {"binary_data": False}}],
                "parameters": {"binary_data_output": True},
            },
            ["logits"],
        ),
        ({"outputs": [{"name": "probabilities"}]}, []),
    ],
)
def test_outputs_come_as_they_were_asked_for(server, model, digits, fields, binary):
    reply = as_bytes(server, digits[:4], **fields)
    end = int(reply.headers.get(LENGTH, len(reply.body)))
    described, behind = json.loads(reply.body[:end])["outputs"], reply.body[end:]
    assert [output["name"] for output in described if "data" not in output] == binary
    assert [output["name"] for output in described] == [
        output["name"] for output in fields.get("outputs", [{"name": "probabilities"}, {"name": "logits"}])
    ]
    for output in described:
        expected = getattr(run(model, digits[:4]), output["name"]).ravel().tolist()
        if "data" in output:
            assert output["data"] == expected
        else:
            size = output["parameters"]["binary_data_size"]
            assert list(struct.unpack("<40f", behind[:size])) == expected
            behind = behind[size:]
    assert behind == b""


ZEROS = np.zeros((1, 28, 28), np.uint8)
GOOD = tensor(ZEROS, data=ZEROS.ravel().tolist())
SAID = {"parameters": {"binary_data_size": 784}}
WRONG = {
    "no inputs": {},
    "no list": {"inputs": GOOD},
    "two inputs": {"inputs": [GOOD, GOOD]},
    "another name": {"inputs": [GOOD | {"name": "picture"}]},
    "another type": {"inputs": [GOOD | {"datatype": "FP32"}]},
    "another shape": {"inputs": [GOOD | {"shape": [1, 28, 28]}]},
    "a shape of floats": {"inputs": [GOOD | {"shape": [1.0, 1, 28, 28]}]},
    "a shape of truths": {"inputs": [GOOD | {"shape": [True, 1, 28, 28]}]},
    "no image": {"inputs": [GOOD | {"shape": [0, 1, 28, 28], "data": []}]},
    "fewer pixels": {"inputs": [GOOD | {"data": [0] * 783}]},
    "lists of all lengths": {"inputs": [GOOD | {"data": [[0], [0, 1]]}]},
    "too much ink": {"inputs": [GOOD | {"data": [256] * 784}]},
    "less than none": {"inputs": [GOOD | {"data": [-1] * 784}]},
    "floats": {"inputs": [GOOD | {"data": [0.5] * 784}]},
    "words": {"inputs": [GOOD | {"data": ["0"] * 784}]},
    "numbers beyond all": {"inputs": [GOOD | {"data": [10**40] * 784}]},
    "no data": {"inputs": [tensor(ZEROS)]},
    "data twice": {"inputs": [GOOD | SAID]},
    "bytes that are not there": {"inputs": [tensor(ZEROS, **SAID)]},
    "an id of another kind": {"inputs": [GOOD], "id": 7},
    "parameters of another kind": {"inputs": [GOOD], "parameters": []},
    "a flag of another kind": {"inputs": [GOOD], "parameters": {"binary_data_output": 1}},
    "an output of another name": {"inputs": [GOOD], "outputs": [{"name": "label"}]},
    "an output of no name": {"inputs": [GOOD], "outputs": [{"name": []}]},
    "an output twice": {"inputs": [GOOD], "outputs": [{"name": "logits"}, {"name": "logits"}]},
    "classes": {"inputs": [GOOD], "outputs": [{"name": "logits", "parameters": {"classification": 3}}]},
}


@pytest.mark.parametrize("name", WRONG)
def test_what_does_not_keep_to_the_protocol_is_said_in_its_words(server, name):
    reply = ask(server, WRONG[name])
    assert (reply.status, reply.headers["content-type"]) == (400, "application/problem+json")
    assert reply.json["error"] == reply.json["detail"] != ""


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b"\xff", b"[" * 100_000, b"1" * 5000, b'{"inputs": NaN}'])
def test_what_is_no_request_is_refused(server, body):
    assert server.ask("POST", PATH, body).status == 400


@pytest.mark.parametrize("length", ["-1", "x", "", "1e3", "9" * 20, "99999", "²"])
def test_a_length_of_the_json_that_cannot_be_is_refused(server, length):
    assert server.ask("POST", PATH, json.dumps({"inputs": [GOOD]}).encode(), **{LENGTH: length}).status == 400


def test_bytes_that_belong_to_nothing_are_refused(server):
    described = tensor(ZEROS, parameters={"binary_data_size": 784})
    for behind in (bytes(783), bytes(785)):
        assert ask(server, {"inputs": [described]}, behind).status == 400
    assert ask(server, {"inputs": [GOOD]}, b"x").status == 400


def test_too_many_images_and_too_much_json_are_refused(server):
    assert ask(server, {"inputs": [tensor(range(10_001), **SAID)]}, b"x").status == 413
    assert server.ask("POST", PATH, b"[" + b"[]," * (2 << 20) + b"0]").status == 413


def test_compressed_bodies_are_refused(server):
    assert server.ask("POST", PATH, b"x", content_encoding="gzip").status == 415


def test_server_and_model_describe_themselves(server):
    assert server.ask("GET", "/v2").json["extensions"] == ["binary_tensor_data"]
    assert server.ask("GET", "/v2/models/edgemnist").json == {
        "name": "edgemnist",
        "versions": ["1"],
        "platform": "onnx_onnxv1",
        "inputs": [{"name": "image", "datatype": "UINT8", "shape": [-1, 1, 28, 28]}],
        "outputs": [
            {"name": "probabilities", "datatype": "FP32", "shape": [-1, 10]},
            {"name": "logits", "datatype": "FP32", "shape": [-1, 10]},
        ],
    }
    for path in ("/v2/health/live", "/v2/health/ready", "/v2/models/edgemnist/ready"):
        assert server.ask("GET", path).status == 200


def test_another_model_is_not_there(server):
    reply = server.ask("GET", "/v2/models/resnet")
    assert reply.status == 404
    assert reply.json["error"]
