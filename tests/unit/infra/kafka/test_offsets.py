from __future__ import annotations

import pytest

from include.infra.kafka.offsets import (
    LostPositions,
    behind,
    from_json,
    lost,
    merge,
    refuse_recreated,
    resume,
    to_json,
    total,
)


def test_resume_goes_on_and_takes_new_partitions_from_their_start() -> None:
    start = resume({"a": {0: 7}}, lows={"a": {0: 0, 1: 3}}, highs={"a": {0: 9, 1: 5}})
    assert start == {"a": {0: 7, 1: 3}}
    assert lost({"a": {0: 7}}, start) == {}


def test_what_retention_deleted_unread_is_lost_and_passed_over() -> None:
    start = resume({"a": {0: 7, 1: 2}}, lows={"a": {0: 20, 1: 0}}, highs={"a": {0: 25, 1: 2}})
    assert start == {"a": {0: 20, 1: 2}}
    assert lost({"a": {0: 7, 1: 2}}, start) == {"a": {0: (7, 20)}}


def test_a_topic_or_partition_that_is_no_longer_there_is_no_loss() -> None:
    assert lost({"old": {0: 7}, "a": {0: 1, 5: 9}}, {"a": {0: 1}}) == {}


def test_resume_refuses_a_topic_that_was_created_again_and_says_what_to_do() -> None:
    with pytest.raises(LostPositions, match=r"a\[0\]: 7 read, ends at 2.*TWEETSIEVE_AI_TOPIC"):
        resume({"a": {0: 7}}, lows={"a": {0: 0}}, highs={"a": {0: 2}})


def test_a_topic_with_another_id_is_refused_however_far_it_has_grown() -> None:
    refuse_recreated({"a": "1"}, {"a": "1", "b": "2"})
    refuse_recreated({}, {"a": "1"})
    refuse_recreated({"gone": "1"}, {"a": "1"})
    with pytest.raises(LostPositions, match=r"than those that were read: a\. "):
        refuse_recreated({"a": "1", "b": "2"}, {"a": "3", "b": "2"})


def test_resume_ignores_topics_no_longer_read() -> None:
    assert resume({"old": {0: 7}}, lows={"a": {0: 1}}, highs={"a": {0: 1}}) == {"a": {0: 1}}


def test_json_round_trip_and_lag() -> None:
    positions = {"a": {0: 1, 10: 2}}
    assert from_json(to_json(positions)) == positions
    assert total(behind(positions, {"a": {0: 4, 10: 2, 11: 1}})) == 4
    assert merge() == {}
