"""The list of what is only tracking."""

from __future__ import annotations

import json
from importlib import resources

import pytest

from include.posts.urls.tracking import rule_of, untracked

LIST = json.loads(resources.files("include.posts.urls").joinpath("tracking.json").read_text("utf-8"))


def test_every_source_has_a_name_an_address_and_a_licence() -> None:
    assert all(source["name"] and source["address"] and source["licence"] for source in LIST["sources"])


def test_names_are_in_lower_case_and_each_host_stands_once() -> None:
    entries = [LIST["everywhere"], *LIST["rules"]]
    names = [name for entry in entries for key in ("names", "prefixes") for name in entry.get(key, ())]
    assert [name for name in names if name != name.lower() or not name] == []
    hosts = [host for rule in LIST["rules"] for host in rule["hosts"]]
    assert len(hosts) == len(set(hosts))


@pytest.mark.parametrize("rule", LIST["rules"], ids=lambda rule: rule["hosts"][0])
def test_every_rule_holds_on_its_hosts_and_below_and_nowhere_else(rule: dict) -> None:
    name = rule["names"][0]
    for host in rule["hosts"]:
        assert untracked(rule_of(host), f"{name}=1&id=2&utm_source=3") == "id=2"
        assert untracked(rule_of(f"sub.{host}"), f"id=2&{name.upper()}=1") == "id=2"
        assert untracked(rule_of(f"not{host}"), f"{name}=1") == f"{name}=1"


@pytest.mark.parametrize(
    "name",
    [
        "utm_source",
        "utm_anything",
        "fbclid",
        "gclid",
        "gclsrc",
        "dclid",
        "msclkid",
        "yclid",
        "twclid",
        "igshid",
        "igsh",
        "mc_cid",
        "mc_eid",
        "_hsenc",
        "_hsmi",
        "mkt_tok",
        "ref_src",
        "ref_url",
        "vero_id",
        "oly_enc_id",
        "oly_anon_id",
        "wickedid",
        "s_cid",
        "ncid",
        "cmpid",
        "spm",
        "__twitter_impression",
    ],
)
def test_what_has_always_gone_still_goes(name: str) -> None:
    assert rule_of("a.example").tracks(f"{name}=x")
    assert not rule_of("a.example").tracks(f"x{name}=x")
