"""Workloads are found by looking, each alone."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from include.settings import Settings
from include.streaming.registry import BrokenWorkload, UnknownWorkload, workload_named, workload_names
from include.streaming.workload import Workload
from tests.support.streaming.workload_folders import with_workloads, write_workload


@pytest.mark.parametrize("name", workload_names(Settings(_env_file=None)))
def test_each_declares_topics_and_is_named_as_its_folder(name: str, settings: Settings) -> None:
    workload = workload_named(name, settings)
    assert isinstance(workload, Workload)
    assert workload.name == name
    topics = workload.topics(settings)
    assert topics
    assert len(set(topics)) == len(topics)


def test_an_unknown_workload_lists_the_known(settings: Settings) -> None:
    with pytest.raises(UnknownWorkload, match=r"'nope' is none of: ai_tweets"):
        workload_named("nope", settings)


def test_a_workload_of_another_folder_is_found_there(settings: Settings, tmp_path: Path) -> None:
    write_workload(tmp_path, "elsewhere")
    looking = with_workloads(settings, tmp_path)
    assert "elsewhere" not in workload_names(settings)
    assert "elsewhere" in workload_names(looking)
    assert workload_named("elsewhere", looking).topics(looking) == ("elsewhere_topic",)


def test_one_that_is_asked_for_loads_no_other(settings: Settings, tmp_path: Path) -> None:
    write_workload(tmp_path, "wanted")
    write_workload(tmp_path, "bystander", "raise AssertionError('not to be loaded')")
    looking = with_workloads(settings, tmp_path)
    assert workload_named("wanted", looking).name == "wanted"
    assert "bystander" in workload_names(looking)
    assert "include.workloads.bystander.workload" not in sys.modules


@pytest.mark.parametrize(
    ("name", "source", "why"),
    [
        ("syntax", "def (", "does not load: SyntaxError"),
        ("import_", "import no_such_module", "does not load: ModuleNotFoundError: No module named 'no_such"),
        ("absent", "", "does not load: AttributeError"),
        ("other", "WORKLOAD = 7", "WORKLOAD is not a Workload named 'other'"),
    ],
)
def test_one_that_does_not_load_is_an_error_of_file_and_reason(
    name: str, source: str, why: str, settings: Settings, tmp_path: Path
) -> None:
    file = write_workload(tmp_path, f"broken_{name}", source)
    with pytest.raises(BrokenWorkload) as error:
        workload_named(f"broken_{name}", with_workloads(settings, tmp_path))
    assert str(file) in str(error.value)
    assert why.replace("'other'", "'broken_other'") in str(error.value)


def test_two_of_the_same_name_are_refused(settings: Settings, tmp_path: Path) -> None:
    for folder in ("one", "two"):
        write_workload(tmp_path / folder, "twin")
    with pytest.raises(BrokenWorkload, match="two workloads have the same name"):
        workload_names(with_workloads(settings, tmp_path / "one", tmp_path / "two"))
