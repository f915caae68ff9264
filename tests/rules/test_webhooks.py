"""Which addresses may be called, and what their answers mean."""

import pytest

from core.rules.retries import Outcome
from core.rules.webhooks import AddressFlaw, address_flaw, may_be_called, outcome_of, signature


@pytest.mark.parametrize(
    ("url", "flaw"),
    [
        ("https://example.org/ventanilla?key=1", None),
        ("https://example.org:8443/", None),
        ("https://8.8.8.8/", None),
        ("http://example.org/", AddressFlaw.NOT_HTTPS),
        ("https://user:secret@example.org/", AddressFlaw.HAS_PASSWORD),
        ("https://127.0.0.1/", AddressFlaw.NOT_PUBLIC),
        ("https://localhost/", AddressFlaw.NOT_PUBLIC),
        ("https://[::1]/", AddressFlaw.NOT_PUBLIC),
        ("https://10.0.0.7/", AddressFlaw.NOT_PUBLIC),
        ("https://169.254.169.254/latest/meta-data", AddressFlaw.NOT_PUBLIC),
        ("https://[::ffff:192.168.1.1]/", AddressFlaw.NOT_PUBLIC),
        ("ftp://example.org/", AddressFlaw.NO_ADDRESS),
        ("https:///path", AddressFlaw.NO_ADDRESS),
        ("https://example.org:99999/", AddressFlaw.NO_ADDRESS),
        ("https://exa mple.org/", AddressFlaw.NO_ADDRESS),
        ("example.org", AddressFlaw.NO_ADDRESS),
        ("", AddressFlaw.NO_ADDRESS),
        ("https://example.org/" + "x" * 500, AddressFlaw.NO_ADDRESS),
        ("https://[", AddressFlaw.NO_ADDRESS),
    ],
)
def test_an_address_is_https_on_the_public_internet(url: str, flaw: AddressFlaw | None):
    assert address_flaw(url, loopback=False) is flaw


def test_the_demonstration_may_call_its_own_machine_and_nothing_else_without_tls():
    assert address_flaw("http://127.0.0.1:9000/x", loopback=True) is None
    assert address_flaw("http://localhost:9000/x", loopback=True) is None
    assert address_flaw("http://example.org/x", loopback=True) is AddressFlaw.NOT_HTTPS
    assert address_flaw("http://192.168.1.1/x", loopback=True) is AddressFlaw.NOT_HTTPS


@pytest.mark.parametrize(
    "ip",
    [
        "127.0.0.1",
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "172.16.0.1",
        "192.168.0.1",
        "169.254.169.254",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1%eth0",
        "fd00::1",
        "ff02::1",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "2002:7f00:1::",
        "2001:db8::1",
        "fec0::1",
        "64:ff9b:1::a00:1",
        "::10.0.0.1",
        "100::1",
        "5f00::1",
    ],
)
def test_no_inner_address_is_called_however_it_is_written(ip: str):
    assert not may_be_called(ip, loopback=False)


def test_public_addresses_are_called():
    for ip in ("8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"):
        assert may_be_called(ip, loopback=False), ip
    assert may_be_called("127.0.0.1", loopback=True)
    assert not may_be_called("10.0.0.1", loopback=True)


def test_what_an_answer_means():
    meant = {status: outcome_of(status) for status in (200, 204, 302, 400, 401, 404, 410, 413, 422, 429, 500, 503)}
    assert {status for status, outcome in meant.items() if outcome is None} == {200, 204}
    assert {status for status, outcome in meant.items() if outcome is Outcome.BAD_CONTENT} == {400, 413, 422}


def test_a_signature_can_be_made_anew_by_others():
    # echo -n '1764374400.{"event":"ping"}' | openssl dgst -sha256 -hmac whsec_x
    assert signature("whsec_x", 1764374400, '{"event":"ping"}').startswith("sha256=")
    assert signature("whsec_x", 1, "{}") != signature("whsec_x", 2, "{}") != signature("whsec_y", 2, "{}")
