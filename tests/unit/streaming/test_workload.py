from __future__ import annotations

import pytest

from include.settings import Settings
from include.streaming.workload import WORKLOADS, UnknownWorkload, workload_named


def test_an_unknown_workload_lists_the_known() -> None:
    with pytest.raises(UnknownWorkload, match=r"'nope' is none of: ai_tweets"):
        workload_named("nope")


@pytest.mark.parametrize("name", WORKLOADS)
def test_each_names_real_settings_and_is_keyed_by_its_name(name: str) -> None:
    workload = WORKLOADS[name]
    assert workload.name == name
    assert all(workload.topics(Settings(_env_file=None)))  # type: ignore[call-arg]
    assert workload.checkpoint_dir(Settings(_env_file=None)).is_absolute()  # type: ignore[call-arg]
