"""Triton's own client asks a server: python triton_client.py HOST:PORT TOKEN PICTURES.npy LOGITS.npy

PICTURES are (N, 1, 28, 28) uint8 and LOGITS (N, 10) float32 what the model says of them.
"""

import sys

import numpy as np
import tritonclient.http as triton
from tritonclient.utils import InferenceServerException

address, token, pictures, logits = sys.argv[1:]
images, expected = np.load(pictures), np.load(logits)
headers = {"Authorization": f"Bearer {token}"}
client = triton.InferenceServerClient(address)

assert client.is_server_live(headers)
assert client.is_server_ready(headers)
assert client.is_model_ready("edgemnist", headers=headers)
assert client.get_server_metadata(headers)["extensions"] == ["binary_tensor_data"]
(described,) = client.get_model_metadata("edgemnist", headers=headers)["inputs"]
assert described == {"name": "image", "datatype": "UINT8", "shape": [-1, 1, 28, 28]}

asked = 0
for binary in (True, False):
    image = triton.InferInput("image", images.shape, "UINT8").set_data_from_numpy(images, binary_data=binary)
    for outputs in (None, [triton.InferRequestedOutput("logits", binary)]):
        # A copy: it writes the length of this request's JSON into them, and leaves it there.
        answer = client.infer("edgemnist", [image], outputs=outputs, request_id="7", headers=dict(headers))
        assert answer.get_response()["id"] == "7"
        assert np.array_equal(answer.as_numpy("logits"), expected)
        assert (answer.as_numpy("probabilities") is None) == (outputs is not None)
        asked += 1
for model, inputs, more in (("other", [image], headers), ("edgemnist", [], headers), ("edgemnist", [image], None)):
    try:
        client.infer(model, inputs, headers=more and dict(more))
    except InferenceServerException as error:
        print(f"refused: {error}")
    else:
        sys.exit(f"{model}, {len(inputs)} inputs, headers {more}: answered")
print(f"{asked} answers to {len(images)} images, each as the model has it")
