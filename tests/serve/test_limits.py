"""The bounds of serve/bounds.py: each is made small, reached, and said."""

import socket

import pytest
from served import PICTURES, as_png, serving

SAID = {
    "MAX_WAITING": (0, 503, "0 requests wait already"),
    "MAX_HELD_BYTES": (100, 503, "too many pictures arrive at once"),
    "WAIT_S": (-1, 503, "no turn came within -1 seconds"),
    "MAX_BODY_BYTES": (100, 413, "the body is larger than 0 MB"),
}


def is_closed(client):
    """Whether the server ends a connection, rather than to answer."""
    try:
        return client.recv(1) == b""
    except ConnectionResetError:
        return True


@pytest.mark.parametrize("name", SAID)
def test_what_is_too_much_is_said_with_when_to_try_again(name, digits):
    value, status, line = SAID[name]
    with serving(bounds={name: value}) as served:
        for path in ("/v1/predict", "/v2/models/edgemnist/infer"):
            reply = served.ask("POST", path, as_png(digits[0]))
            assert (reply.status, reply.headers["content-type"]) == (status, "application/problem+json")
            assert reply.json["detail"].startswith(line)
            assert reply.headers.get("retry-after") == ("2" if status == 503 else None)
        assert served.ask("GET", "/readyz").status == (503 if name == "MAX_WAITING" else 200)
        assert served.ask("GET", "/healthz").status == 200


def test_what_was_held_is_given_back(digits):
    picture = as_png(digits[0])
    with serving(bounds={"MAX_HELD_BYTES": len(picture)}) as served:
        for content in (picture, b"no picture", picture, (PICTURES / "row.jpg").read_bytes(), picture):
            reply = served.ask("POST", "/v1/predict", content)
            assert reply.status == {len(picture): 200, len(b"no picture"): 422}.get(len(content), 503)


def test_a_body_that_does_not_come_is_not_waited_for(digits):
    with serving("--threads", 1, bounds={"BODY_S": 0.5}) as served:
        with socket.create_connection(("127.0.0.1", served.port), timeout=60) as client:
            client.sendall(b"POST /v1/predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n\x89PNG")
            assert b" 408 " in client.recv(100)
        assert served.ask("POST", "/v1/predict", as_png(digits[0])).status == 200


def test_a_head_that_does_not_end_is_not_waited_for(digits):
    with serving(bounds={"HEAD_S": 0.5}) as served:
        whole = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
        with socket.create_connection(("127.0.0.1", served.port), timeout=60) as client:
            client.sendall(whole)
            answer = b""
            while not answer.endswith(b"ok\n"):
                answer += client.recv(4096)
            client.sendall(whole[:20])  # of the second request on a connection neither
            assert is_closed(client)
        for beginning in (b"", whole[:20]):
            with socket.create_connection(("127.0.0.1", served.port), timeout=60) as client:
                client.sendall(beginning)
                assert is_closed(client)
        assert served.ask("POST", "/v1/predict", as_png(digits[0])).status == 200


def test_connections_beyond_the_bound_are_closed_and_the_others_are_served(digits):
    with serving(bounds={"MAX_CONNECTIONS": 2}) as served:
        clients = [socket.create_connection(("127.0.0.1", served.port), timeout=60) for _ in range(3)]
        with clients[0] as first, clients[1], clients[2] as last:
            assert is_closed(last)
            first.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert b" 200 " in first.recv(100)
