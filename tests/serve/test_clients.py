"""Clients that are slow, many, broken or hostile: what they cost others."""

import socket
from contextlib import ExitStack

import pytest
from hostile_pictures import meet, peak_mb
from served import as_png, serving

TOO_LARGE = {"ppm-16bit-39mp.ppm", "array-47mb.npy", "ppm-plain-10mp.ppm", "ppm-comment.ppm", "gif-comments.gif"}

AT_REST_MB = 120
"""What a server takes before anybody asks; measured: 105."""


def head(server, length, path="/v1/predict"):
    return f"POST {path} HTTP/1.1\r\nHost: localhost:{server.port}\r\nContent-Length: {length}\r\n\r\n".encode()


def connect(server):
    return socket.create_connection(("127.0.0.1", server.port), timeout=60)


def test_slow_clients_cost_others_nothing(server, digits):
    """One for each turn and more: a head that does not end, a body that does not come, an answer that nobody takes."""
    with ExitStack() as stack:
        slow = [stack.enter_context(connect(server)) for _ in range(24)]
        for client in slow[:8]:
            client.sendall(b"POST /v1/pre")
        for client in slow[8:16]:
            client.sendall(head(server, 1000) + b"\x89")
        for client in slow[16:]:
            client.sendall(head(server, len(as_png(digits[0])), "/v1/predict?inputs=1") + as_png(digits[0]))
        for byte in b"PNG":
            for client in slow[8:16]:
                client.sendall(bytes([byte]))
            assert server.ask("POST", "/v1/predict", as_png(digits[0])).status == 200
        assert b" 200 OK" in slow[-1].recv(100)


def test_a_client_that_leaves_before_its_body_costs_nothing(server, digits):
    for rest in (b"", b"\x89PNG"):
        with connect(server) as client:
            client.sendall(head(server, 1000) + rest)
    assert server.ask("POST", "/v1/predict", as_png(digits[0])).status == 200


def test_a_body_that_says_or_is_too_much_is_refused_in_words(server):
    with connect(server) as client:
        client.sendall(head(server, 10**15))
        assert b" 413 " in client.recv(100)
    reply = server.ask("POST", "/v1/predict", bytes(25 << 20))
    assert reply.status == 413
    assert "24 MB" in reply.json["detail"]
    with connect(server) as client:
        chunk = b"100000\r\n" + bytes(1 << 20) + b"\r\n"
        client.sendall(b"POST /v1/predict HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(25):
            client.sendall(chunk)
        client.sendall(b"0\r\n\r\n")
        assert b" 413 " in client.recv(100)


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"\0\0\0\0\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: localhost\r\n\r\n",
        b"GET http://localhost/ HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        b"POST /v1/predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        b"POST /v1/predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
    ],
)
def test_a_request_that_is_none_is_refused(server, digits, request_bytes):
    with connect(server) as client:
        client.sendall(request_bytes)
        assert client.recv(100)[9:12] in (b"400", b"421", b"431")
    assert server.ask("POST", "/v1/predict", as_png(digits[0])).status == 200


@pytest.mark.parametrize("disposition", ['name="a"; filename="a"', 'name="a"'])
def test_a_form_of_countless_parts_is_refused_at_once(disposition):
    part = f"--e\r\nContent-Disposition: form-data; {disposition}\r\n\r\n\r\n".encode()
    body = part * ((20 << 20) // len(part)) + b"--e--\r\n"
    with serving("--threads", 1) as served:
        reply = served.ask("POST", "/v1/predict", body, content_type="multipart/form-data; boundary=e")
        assert (reply.status, reply.json["detail"]) == (413, "the form has more than 40 parts")
        assert peak_mb(served) < AT_REST_MB + 3 * 20


QUICK = [
    "webp-34-bytes.webp",
    "progressive-1000-scans.jpg",
    "png-39mx1.png",
    "gif-178mp-disposal.gif",
    "bmp-rle-lines.bmp",
    "array-header-only.npy",
    "array-47mb.npy",
]
"""Those that are made in no time; tests/serve/hostile_pictures.py tries all."""


def test_hostile_pictures_are_refused_within_bounded_memory_and_the_next_request_is_served():
    with serving("--threads", 1) as served:
        for met in meet(served, QUICK):
            assert met.fits, met
            assert 400 <= met.status < 500, met
