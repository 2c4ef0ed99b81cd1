"""Who is answered: by name, origin and token."""

import os
from http.client import HTTPConnection

import pytest
from served import as_png, serving

from edgemnist.errors import StorageError, UsageError
from edgemnist.serve.guard import Rules, refusal
from edgemnist.serve.rules import rules_of

TOKEN = "0123456789abcdef"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    file = tmp_path_factory.mktemp("token") / "token"
    file.write_text(TOKEN + "\n")
    with serving("--token-file", file, "--allow-host", "Reader.local") as served:
        yield served


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.0.0.1:8000", "LOCALHOST:1", "localhost.", "[::1]:80"])
def test_a_request_for_this_machine_is_answered(server, host):
    assert server.ask("GET", "/v1/model", host=host).status == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example:80", "[::2]", "", "x]"]
)
def test_a_name_that_is_made_to_lead_here_is_refused(server, digits, host):
    """DNS rebinding: the browser believes that it asks evil.example, and says so."""
    for method, path, body in (
        ("GET", "/", None),
        ("POST", "/v1/predict", as_png(digits[0])),
        ("GET", "/healthz", None),
    ):
        reply = server.ask(method, path, body, host=host)
        assert (reply.status, reply.headers["content-type"]) == (421, "application/problem+json")


def test_another_name_is_answered_when_it_is_allowed(guarded):
    assert guarded.ask("GET", "/healthz", host="reader.LOCAL:8000").status == 200
    assert guarded.ask("GET", "/healthz", host="other.local").status == 421


def test_only_the_own_page_may_ask(server, digits):
    own = f"127.0.0.1:{server.port}"
    body = as_png(digits[0])
    for origin, status in (
        (f"http://{own}", 200),
        ("http://127.0.0.1:1", 403),
        (f"http://localhost:{server.port}", 403),
        ("https://evil.example", 403),
        (f"http://evil.example/{own}", 403),
        ("null", 403),
        ("", 403),
    ):
        assert server.ask("POST", "/v1/predict", body, origin=origin).status == status, origin


@pytest.mark.parametrize(
    ("site", "mode", "status"),
    [
        ("cross-site", "no-cors", 403),
        ("same-site", "cors", 403),
        ("cross-site", "navigate", 200),
        ("same-origin", "cors", 200),
        ("none", "navigate", 200),
    ],
)
def test_a_page_from_elsewhere_may_link_here_and_load_nothing(server, site, mode, status):
    """A browser sends no Origin for pictures and scripts of a page."""
    for path in ("/", "/v1/model", "/page/style.css"):
        reply = server.ask("GET", path, sec_fetch_site=site, sec_fetch_mode=mode)
        assert reply.status == status
        assert reply.headers["cross-origin-resource-policy"] == "same-origin"


def test_no_other_page_may_read_an_answer(server):
    preflight = server.ask(
        "OPTIONS", "/v1/predict", origin="https://evil.example", access_control_request_method="POST"
    )
    assert preflight.status == 403
    assert not [name for name in preflight.headers if name.startswith("access-control")]


@pytest.mark.parametrize("path", ["/v1/model", "/v2", "/v2/models/edgemnist", "/metrics", "/v1/nothing"])
@pytest.mark.parametrize("authorization", [None, "Bearer", f"Bearer {TOKEN}x", f"Basic {TOKEN}", "Bearer \xe9", TOKEN])
def test_without_the_token_nothing_is_told(guarded, path, authorization):
    headers = {} if authorization is None else {"authorization": authorization}
    reply = guarded.ask("GET", path, **headers)
    assert (reply.status, reply.headers["www-authenticate"]) == (401, "Bearer")
    assert reply.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/v1/model", "/v2", "/metrics"])
def test_with_the_token_all_is_told(guarded, path):
    assert guarded.ask("GET", path, authorization=f"Bearer {TOKEN}").status == 200
    assert guarded.ask("GET", path, authorization=f"bearer  {TOKEN}").status == 200


@pytest.mark.parametrize("path", ["/", "/page/index.html", "/healthz", "/readyz", "/openapi.json"])
def test_the_page_and_the_health_checks_need_no_token(guarded, path):
    assert guarded.ask("GET", path).status == 200


@pytest.mark.parametrize("path", ["/page/../v1/model", "//v1/model", "/page/%2e%2e/v1/model", "/page/x/../../v1/model"])
def test_no_way_leads_around_the_token(guarded, path):
    assert guarded.ask("GET", path).status in (401, 404)


def test_a_large_picture_without_the_token_is_refused_in_words(guarded):
    """The client is still sending when the answer is clear; its connection serves again."""
    connection = HTTPConnection("127.0.0.1", guarded.port, timeout=60)
    for _ in range(2):
        connection.request("POST", "/v1/predict", bytes(8 << 20))
        reply = connection.getresponse()
        assert (reply.status, "token" in reply.read().decode()) == (401, True)
    connection.close()


def test_every_response_has_the_headers_that_keep_a_browser_in(server):
    for path in ("/", "/v1/model", "/nothing", "/page/index.html"):
        headers = server.ask("GET", path).headers
        policy = dict(part.strip().partition(" ")[::2] for part in headers["content-security-policy"].split(";"))
        assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
        assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
        assert (headers["x-content-type-options"], headers["referrer-policy"]) == ("nosniff", "no-referrer")
        assert "server" not in headers


def test_the_address_that_a_request_arrived_at_is_one_of_our_names():
    scope = {"path": "/", "server": ("192.168.1.7", 8000), "headers": [(b"host", b"192.168.1.7:8000")]}
    assert refusal(scope, Rules()) is None
    assert refusal({**scope, "server": ("::ffff:192.168.1.7", 8000)}, Rules()) is None
    assert refusal({**scope, "server": ("192.168.1.8", 8000)}, Rules()).status == 421


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])
def test_beyond_this_machine_a_token_is_asked_for(host, tmp_path):
    with pytest.raises(UsageError, match="--token-file FILE, or --insecure"):
        rules_of(host, [], None, insecure=False)
    assert rules_of(host, [], None, insecure=True).token is None
    (tmp_path / "token").write_text(TOKEN)
    assert rules_of(host, [], tmp_path / "token", insecure=False).token == TOKEN


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1", "localhost"])
def test_on_this_machine_alone_none_is_needed(host):
    assert rules_of(host, [], None, insecure=False).token is None


@pytest.mark.parametrize("content", ["", "\n", "short", "with blanks in the token", "0123456789abcdeé", "a" * 5000])
def test_a_token_that_is_none_is_refused(content, tmp_path):
    (tmp_path / "token").write_text(content)
    with pytest.raises(UsageError, match="openssl rand -hex 16"):
        rules_of("127.0.0.1", [], tmp_path / "token", insecure=False)


def test_a_token_that_cannot_be_read_is_refused(tmp_path):
    os.mkfifo(tmp_path / "fifo")
    for path in (tmp_path / "none", tmp_path, tmp_path / "fifo"):
        with pytest.raises(StorageError, match="cannot read the token"):
            rules_of("127.0.0.1", [], path, insecure=False)


@pytest.mark.parametrize("name", ["", "a b", "http://reader.local", "reader.local/"])
def test_an_allowed_name_is_a_name(name):
    with pytest.raises(UsageError, match="--allow-host must be a name"):
        rules_of("127.0.0.1", [name], None, insecure=False)
