"""Settings that are read in a form of their own."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from include.settings import Settings


@pytest.mark.parametrize(
    ("text", "scorers"),
    [("", {}), ("{}", {}), ('{"ai_tweets": "saved_model"}', {"ai_tweets": "saved_model"})],
)
def test_scorers_by_workload_are_json_and_empty_means_none(
    monkeypatch: pytest.MonkeyPatch, text: str, scorers: dict[str, str]
) -> None:
    monkeypatch.setenv("TWEETSIEVE_STREAM_SCORERS", text)
    assert Settings(_env_file=None).stream_scorers == scorers


@pytest.mark.parametrize("text", ["saved_model", "[1]", '{"ai_tweets": 1}', "{"])
def test_scorers_that_are_no_json_object_are_refused_with_an_example(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("TWEETSIEVE_STREAM_SCORERS", text)
    with pytest.raises(
        ValidationError, match=r'STREAM_SCORERS is not a JSON object .*\{"ai_tweets": "saved_mod'
    ):
        Settings(_env_file=None)
