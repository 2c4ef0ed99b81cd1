"""Clients that others wrote ask a server: Triton's for the Open Inference Protocol, schemathesis for all of OpenAPI.

    python tests/serve/clients/campaign.py ENVIRONMENT [EXAMPLES [SEED]]

ENVIRONMENT holds tritonclient[http] and schemathesis (`make clients` makes it). EXAMPLES: how many requests
schemathesis makes up for each operation.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from served import serving

from edgemnist.model.opened import default_model, open_model, run

HERE = Path(__file__).resolve().parent
TOKEN = "0123456789abcdef"


def main(environment: Path, examples: str = "30", seed: str = "0") -> None:
    """Ask in each way; the first client that is not content ends it."""
    model = open_model(default_model("int8"))
    images = model.info.selftest.images
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "token").write_text(TOKEN)
        np.save(folder / "images.npy", images[:, None])
        np.save(folder / "logits.npy", run(model, images).logits)
        with serving("--token-file", folder / "token", "--collect", folder / "kept") as served:
            arrays = (folder / "images.npy", folder / "logits.npy")
            triton = [environment / "bin" / "python", HERE / "triton_client.py"]
            subprocess.run([*triton, f"127.0.0.1:{served.port}", TOKEN, *arrays], check=True)
            schemathesis = [environment / "bin" / "schemathesis", "--config-file", HERE / "schemathesis.toml", "run"]
            options = ["--checks", "all", "--continue-on-failure", "--max-examples", examples, "--seed", seed]
            header = ["--header", f"Authorization: Bearer {TOKEN}"]
            subprocess.run(
                [*schemathesis, f"{served.url}openapi.json", *options, *header],
                check=True,
                cwd=folder,
                env={**os.environ, "SCHEMATHESIS_HOOKS": "pictures", "PYTHONPATH": str(HERE)},
            )


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute(), *sys.argv[2:])
