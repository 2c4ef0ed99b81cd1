"""What /v1/examples keeps."""

import io

import numpy as np
import pytest
from PIL import Image
from served import PICTURES, as_png, form, serving

from edgemnist import Classifier, read_image
from edgemnist.reading.kept import image_name, read_kept
from edgemnist.serve import examples
from edgemnist.serve.examples import Examples
from edgemnist.serve.problems import ProblemError


def test_a_picture_is_kept_below_its_label_as_the_model_sees_it(tmp_path):
    with serving("--collect", tmp_path) as served:
        reply = served.ask("POST", "/v1/examples?label=7", (PICTURES / "seven.jpg").read_bytes())
    assert (reply.status, reply.json) == (201, {"name": image_name(read_image(PICTURES / "seven.jpg"))})
    assert np.array_equal(read_kept(tmp_path / "7" / reply.json["name"]), read_image(PICTURES / "seven.jpg"))


def test_what_the_model_saw_is_kept_bit_for_bit(server, digits):
    """In color and with alpha, as a canvas writes it, and where it does not have MNIST's form."""
    low = np.zeros((28, 28), np.uint8)
    low[20:27, 3:5] = 200
    for image in (*digits[:5], low):
        stream = io.BytesIO()
        Image.fromarray(image).convert("RGBA").save(stream, "PNG")
        body, kind = form([("input.png", stream.getvalue())])
        reply = server.ask("POST", "/v1/examples?label=1", body, content_type=kind)
        assert reply.json == {"name": image_name(image)}


def test_a_second_label_takes_the_place_of_the_first(digits, tmp_path):
    doubtful = next(digit for digit in digits if Classifier().predict(digit).status == "doubtful")
    name = image_name(doubtful)
    with serving("--collect", tmp_path) as served:
        served.ask("POST", "/v1/predict", as_png(doubtful))
        assert [path.parent.name for path in tmp_path.rglob("*.png")] == ["unlabeled"]
        for label in ("3", "4", "4"):
            assert served.ask("POST", f"/v1/examples?label={label}", as_png(doubtful)).json == {"name": name}
            assert [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.png")] == [f"{label}/{name}"]


def test_without_collect_nothing_is_kept(digits):
    with serving() as served:
        reply = served.ask("POST", "/v1/examples?label=7", as_png(digits[0]))
        assert (reply.status, reply.headers["content-type"]) == (404, "application/problem+json")
        assert "--collect DIR" in reply.json["detail"]
        assert served.ask("GET", "/v1/model").json["collect"] is False


@pytest.mark.parametrize("query", ["", "label=", "label=10", "label=x", "label=7&label=..", "label=7%0A"])
def test_a_label_is_a_digit(server, digits, query):
    assert server.ask("POST", f"/v1/examples?{query}", as_png(digits[0])).status == 422


def test_a_blank_picture_is_no_example(server):
    assert server.ask("POST", "/v1/examples?label=7", as_png(np.zeros((28, 28), np.uint8))).status == 422


def test_a_full_folder_keeps_no_more_and_still_takes_corrections(digits, tmp_path, monkeypatch):
    monkeypatch.setattr(examples, "MOST_EXAMPLES", 2)
    kept = Examples(tmp_path)
    kept.keep(digits[0], "1")
    kept.keep(digits[1], "1")
    with pytest.raises(ProblemError, match="2 examples are kept, and no more") as refused:
        kept.keep(digits[2], "1")
    assert refused.value.status == 507
    kept.keep(digits[1], "2")
    assert sorted(path.parent.name for path in tmp_path.rglob("*.png")) == ["1", "2"]
