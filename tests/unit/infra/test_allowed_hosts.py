"""Which values of the header Host are answered, and what a person reads of the others."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from include.infra.allowed_hosts import LONGEST_SHOWN, AllowedHosts, only_asked_for
from include.settings import Settings

HOSTS = AllowedHosts.listed(" Tagger.Example.org ,10.0.0.7,", "fd00::7")


@pytest.mark.parametrize(
    "host",
    ["localhost", "localhost:8511", "LOCALHOST:1", "localhost.", "localhost.:80", "127.0.0.1:8501", "[::1]",
     "[::1]:8512", "tagger.example.org", "Tagger.example.org:443", "10.0.0.7:8511", "[fd00::7]:8511"],
)  # fmt: skip
def test_names_of_this_machine_and_of_the_setting_are_answered(host: str) -> None:
    assert HOSTS.refusal([host]) is None


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8511", "localhost.evil.example", "evil.example.localhost",
     "127.0.0.1.evil.example", "localhost@evil.example", "evil.example#localhost", "evil.example/localhost",
     "localhost,evil.example", "localhost:80:80", "localhost:x", "127.0.0.2", "10.0.0.8", "192.168.1.5:8511",
     "example.org", "a.tagger.example.org", "[::2]", "[::1", "::1", "[::1]x", "", " ", " localhost",
     "localhost\n", "localhost..", "localhost\u00a0"],
)  # fmt: skip
def test_other_names_are_refused_with_the_name_and_the_setting(host: str) -> None:
    told = HOSTS.refusal([host])
    assert told is not None
    assert ascii(host) in told
    assert "TWEETSIEVE_ALLOWED_HOSTS" in told


@pytest.mark.parametrize("given", [[], ["localhost", "evil.example"], ["localhost", "localhost"]])
def test_there_is_exactly_one_name(given: list[str]) -> None:
    assert HOSTS.refusal(given) is not None


@given(st.text())
def test_whatever_is_asked_for_is_told_in_one_short_printable_line(host: str) -> None:
    told = HOSTS.refusal([host])
    if told is not None:
        assert told.rstrip("\n").isprintable()
        assert len(told) < 500 + 10 * LONGEST_SHOWN


def test_an_address_that_servers_are_bound_to_is_answered() -> None:
    settings = Settings(_env_file=None, host="192.168.1.5", allowed_hosts="a.example,b.example")
    hosts = AllowedHosts.of(settings)
    assert {
        one for one in ("192.168.1.5:1", "a.example", "b.example", "c.example") if hosts.refusal([one])
    } == {"c.example"}


@pytest.mark.parametrize(
    "names",
    ["https://a.example", "a.example:8511", "a.example/x", "*", "*.example.org", "tägger.de", "fd00::7"],
)
def test_a_setting_that_no_browser_sends_is_refused_with_its_name(names: str) -> None:
    with pytest.raises(ValidationError, match=r"TWEETSIEVE_ALLOWED_HOSTS: .* is no host name") as refused:
        Settings(_env_file=None, allowed_hosts=f"b.example, {names}")
    assert repr(names) in str(refused.value)


def test_a_wsgi_application_is_asked_only_under_allowed_names() -> None:
    asked: list[str] = []
    answered: list[str] = []

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        asked.append(environ["HTTP_HOST"])
        return [b"metrics"]

    checked = only_asked_for(HOSTS, app)
    assert list(checked({"HTTP_HOST": "localhost:8530"}, None)) == [b"metrics"]
    (told,) = checked({"HTTP_HOST": "evil.example"}, lambda status, headers: answered.append(status))
    assert b"'evil.example'" in told
    assert list(checked({}, lambda status, headers: answered.append(status))) != [b"metrics"]
    assert asked == ["localhost:8530"]
    assert answered == ["421 Misdirected Request"] * 2
