"""A server's beginning and end: its address, a port that is taken, signals, what is in flight."""

import io
import signal
import socket
import subprocess
import sys
import threading

import pytest
from PIL import Image
from served import PATIENCE_S, PICTURES, as_png, serving


def command(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "edgemnist", "serve", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )


def test_a_port_that_is_taken_is_one_line(server):
    done = command("--port", server.port)
    assert (done.returncode, done.stdout) == (7, "")
    assert done.stderr == (
        f"edgemnist: port {server.port} of 127.0.0.1 is taken; end what listens there, or name another with --port\n"
    )


@pytest.mark.parametrize(
    ("arguments", "code", "line"),
    [
        (["--host", "192.0.2.1", "--insecure"], 2, "is no address of this machine"),
        (["--host", "no host"], 2, "is no address"),
        (["--host", "0.0.0.0"], 2, "--token-file FILE, or --insecure"),
        (["--port", "70000"], 2, "--port"),
        (["--model", "none.onnx"], 5, "cannot read the model"),
        (["--token-file", "none"], 7, "cannot read the token"),
    ],
)
def test_what_cannot_be_served_is_one_line(arguments, code, line):
    done = command(*arguments)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (code, "", 1)
    assert line in done.stderr


def ten_pages() -> bytes:
    """A TIFF of ten pages of numbers: as much as one request brings that takes its time."""
    stream = io.BytesIO()
    with Image.open(PICTURES / "page.jpg") as page:
        page.save(stream, "TIFF", compression="jpeg", save_all=True, append_images=[page] * 9)
    return stream.getvalue()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_it_after_what_is_in_flight(number, code):
    """Every request that has reached it gets its whole answer; then nobody listens any more."""
    pages, digit = ten_pages(), (PICTURES / "seven.jpg").read_bytes()
    statuses: list[int] = []
    with serving("--threads", 1) as served:

        def ask(path, body, answers):
            reply = served.ask("POST", path, body)
            assert len(reply.json["answers"]) == answers
            statuses.append(reply.status)

        # The first takes as long as ten pages do, so the others wait behind it.
        clients = [threading.Thread(target=ask, args=("/v1/predict?row=1", pages, 10))]
        clients += [threading.Thread(target=ask, args=("/v1/predict", digit, 1)) for _ in range(11)]
        for waiting, client in enumerate(clients, 1):
            client.start()
            while f"edgemnist_turns {waiting}.0" not in served.ask("GET", "/metrics").body.decode():
                assert not statuses, "the first was answered before all had arrived"
        served.process.send_signal(number)
        for client in clients:
            client.join(PATIENCE_S)
        out, said = served.process.communicate(timeout=PATIENCE_S)
        assert statuses == [200] * len(clients)
        assert (served.process.returncode, out, said) == (code, "", "")
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", served.port))


def test_a_signal_that_is_switched_off_stays_so(digits):
    def deaf():
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    with serving(preexec=deaf) as served:
        served.ask("GET", "/healthz")  # it listens before it hears
        served.process.send_signal(signal.SIGINT)
        for _ in range(40):  # uvicorn looks ten times a second whether it is to end
            assert served.ask("POST", "/v1/predict", as_png(digits[0])).status == 200
        served.process.terminate()
        assert served.process.wait(PATIENCE_S) == 143
