"""Every program of ours: the same mechanism, help, and one line for wrong input before anything is loaded."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from include.console.check import CHECKED
from include.console.check import main as check
from include.settings import PROJECT_ROOT

FILE = "README.md"
WRONG: dict[str, list[str]] = {
    "include.local_stack.__main__": [
        "", "nope", "up now", "logs --name=", "logs --name nope", "logs --lines 0", "logs --lines x", "clean",
        "logs --follow=perhaps", "clean --yes=no", "clean --yes=", "clean --yes=y e s", "status x",
    ],
    "include.local_stack.backfill": [
        "", "--dag collect_tweets", "--versions 1", "--dag nope --versions 1", "--dag= --versions=1",
        "--dag collect_tweets --versions 5-2", "--dag collect_tweets --versions=",
        "--dag collect_tweets --versions=-1", "--dag collect_tweets --versions 1-x",
        "--dag collect_tweets --versions 0-99999", "--dag collect_tweets --versions 1-2-3",
        "--dag collect_tweets --versions 1 --conf [1]", "--dag collect_tweets --versions 1 --conf=",
        "--dag collect_tweets --versions 1 --conf {'posts':1}",
        '--dag collect_tweets --versions 1 --conf {"pots":1}',
        '--dag build_dataset --versions 1 --conf {"posts":1}',
        '--dag collect_tweets --versions 1 --conf {"version":1}',
    ],
    "include.local_stack.demo.__main__": [
        "--source nope", "--source dump", "--source=", "--dump no/such", "--dump=",
        "--version -1", "--version=",
        "--version 1.0", "--version three", "--posts 0", "--posts 1", "--posts -5",
        "--posts many", "--posts=",
        "--golden no/such", "--golden=", "--workload=",
        "--workload nope", f"--source synthetic --dump {FILE}",
        "--workload other --posts 5", "--post 5",
    ],
    "include.local_stack.airflow.accounts": ["now"],
    "include.local_stack.install": ["now"],
    "include.infra.spark.archived_job": ["now"],
    "include.infra.spark.lock_jars": ["now"],
    "include.model.crossfit": [
        "", "--version=", "--version abc", "--version -1", "--version 3 --folds 0", "--version 3 --folds 1",
        "--version 3 --folds 2", "--version 3 --folds 1000", "--version 3 --folds=", "--version 3 --seed -1",
        "--version 3 --held-out no/such", "--version 3 --held-out=", "--version 3 --seed x",
    ],
    "include.model.evaluate": [
        "", "--golden no/such", "--golden=", f"--golden {FILE} --model 0", f"--golden {FILE} --model latest",
        f"--golden {FILE} --model -1", f"--golden {FILE} --model=", f"--golden {FILE} --model 1.0",
    ],
    "include.annotation.labels.transfer": [
        "", "nope", "import", "import no/such --version 1", f"import {FILE}", f"import {FILE} --version abc",
        "export", f"export {FILE} more", "imports now", "undo", "undo 0", "undo x", "undo 1 2",
    ],
    "include.backup.__main__": ["", "nope", "create now", "restore", "restore no/such", "list all"],
    "include.local_stack.airflow.program": ["", "webserver", "db migrate"],
    "include.local_stack.rotation.__main__": ["now", "--n", "--now=yes"],
    "include.housekeeping.__main__": ["now", "--dry-run --sizes", "--dry", "--sizes=3"],
    "include.forgetting.__main__": [
        "", "now", "--ids=", "--ids seven", "--ids 1.5e18", "--ids 12 --notices",
        "--author @somebody", "--author=", "--file no/such", "--file=", f"--file {FILE}", "--dry",
    ],
    "include.annotation.labels.upload_worker": ["", "no/such/folder", ". ."],
    "include.schema.__main__": ["", "nope", "upgrade now"],
    "include.promotion.ledger.__main__": ["now", "--since", "--since=", "--since abc", "--since " + "G" * 64],
    "include.sources.feed": ["--source nope", "--limit 0", "--limit -1", "--limit=", "--limit many"],
    "include.sources.replay.__main__": [
        "--port 0", "--port 70000", "--rate -1", "--rate nan", "--loops -1", "--malformed 2", "--untagged -1",
        "--fail-status 404", "--keep-alive 0", "--disconnect-every -1", "--seed x", "@no/such",
        "--source no/such",
    ],
    "include.sources.synthetic.source": [
        "", "--posts 0 --out x", "--posts -1 --out x", "--seed x --out x", f"--out {FILE}/x",
        "--out /dev/null/x",
    ],
    "include.streaming.monitor.__main__": ["now"],
    "include.workloads.higgs.produce": [
        "--source nope", "--rate 0", "--rate nan", "--rate=", "--events 0", "--seed -1", "--seed x",
        "--source atlas", "--source atlas --path no/such", f"--source fair_universe --path {FILE}",
    ],
    "include.workloads.sentiment.service.__main__": [
        "", "--version c", "--version a --port 0", "--version a --port x", "--version a --processes 0",
        "--version a --host=", "--version",
    ],
    "include.workloads.sentiment.producer": [
        "--rate -1", "--rate nan", "--rate x", "--count 0", "--count=", "--file no/such", "--file=", "more",
    ],
    "include.workloads.sentiment.evidence.__main__": ["--scorer version_a", "--scorer=", "now"],
    "include.workloads.spark_ml.feed.produce": [
        "--rate 0", "--rate nan", "--rows 0", "--rows=", "--path no/such", "--path=", "--seed -1",
        "--error-every 0", f"--path {FILE}",
    ],
    "include.workloads.spark_ml.feed.consume": ["--count 0", "--idle 0", "--idle x", "now"],
    "include.workloads.spark_ml.model.serving": ["", "1", "0 --reason x", "x --reason x", "1 --reason="],
    "include.serving.local_server.server": [
        "", "--rest_api_port 1", "--rest_api_port 0 --model_config_file x",
        "--rest_api_port x --model_config_file x",
        "--rest_api_port 1 --model_config_file x --rest_api_num_threads 0",
        "--rest_api_port 1 --model_config_file x --drain_seconds -1",
    ],
    "include.deployment.page": ["", "nope", "tagger dashboard"],
    "include.deployment.prepare": ["now"],
    "include.deployment.stream_container": ["now"],
    "include.console.args": ["", "nope", "--check", "--check nope"],
    "include.console.check": ["", "nope", "include.schema upgrade", "include.model.crossfit --version x"],
    "spark_apps.deduplicate": ["", "--version x"],
    "spark_apps.dump_raw": ["", "--version 1 --posts 0", "--version 1 --posts 1", "--version 1 --posts x"],
    "spark_apps.split": ["", "--version -1"],
    "spark_apps.train_spark_ml": [
        "", "--version 1", "--version x --path y", "--version 1 --path y --folds 2", "--version 1 --path=",
        "--version 1 --path y --folds 21", "--version 1 --path y --seed -1",
    ],
    "spark_apps.stream_classify": ["", "--workload=", "--workload ai_tweets --starting nowhere"],
    "tools.bench.__main__": [
        "--parts nope", "--rows 0", "--rows", "--messages -1", "--repeats 0", "--seconds 0", "--rate 0",
        "--model no/such", "--model=", "--workload nope", "--workload=",
    ],
    "tools.drill.__main__": [
        "--workload=", "--workload nope", "--short=perhaps", "--messages 0", "--outage 0", "--outage nan",
        "--errors -1", "--faults", "--faults nope", "--soak=long", "--soak -1",
    ],
    "tools.supply_chain.audit": ["now", "--where-possible=yes"],
    "docs.generate_dags": ["now"],
}  # fmt: skip
"""Programs, and arguments that each refuses; parted by blanks."""

LOADED_BY_HAND = {
    "include.promotion.scoring.server_process": "the model server's own arguments, as a child",
    "include.workloads.ai_tweets.sample_model": "loads TensorFlow, for tests",
    "include.workloads.higgs.sample_model": "loads TensorFlow, for tests",
    "include.workloads.spark_ml.sample_model": "starts Spark, for tests",
    "tools.supply_chain.sbom": "imports what writes it",
    "tests.benchmarks.votes": "imports what it measures",
    "tests.benchmarks.tagger_latency": "imports what it measures",
    "tests.benchmarks.repost_cost": "imports what it measures",
    "tests.benchmarks.repost_latency": "imports what it measures",
    "tests.benchmarks.model_answers": "imports what it measures",
}
CASES = [(module, arguments) for module, given in WRONG.items() for arguments in given]


def programs() -> Iterator[str]:
    """Modules that can be run."""
    for top in ("include", "spark_apps", "tools", "docs", "tests/benchmarks"):
        for path in (PROJECT_ROOT / top).rglob("*.py"):
            if 'if __name__ == "__main__":' in path.read_text(encoding="utf-8"):
                yield ".".join(path.relative_to(PROJECT_ROOT).with_suffix("").parts)


def test_every_program_is_tried_here() -> None:
    assert sorted(programs()) == sorted([*WRONG, *LOADED_BY_HAND])


@pytest.mark.parametrize("module", [*WRONG, *LOADED_BY_HAND])
def test_every_program_ends_by_the_same_mechanism(module: str) -> None:
    if module == "docs.generate_dags":
        pytest.skip("runs before anything is set up, from its own folder")
    path = PROJECT_ROOT / f"{module.replace('.', '/')}.py"
    if module == "include.promotion.scoring.server_process":
        path = path.parents[2] / "serving" / "local_server" / "server.py"  # whose main it runs
    (main,) = (
        node
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef) and node.name == "main"
    )
    assert [ast.unparse(one) for one in main.decorator_list] == ["command"]


@pytest.mark.parametrize("module", list(WRONG))
def test_every_program_has_help(module: str, capsys: pytest.CaptureFixture[str]) -> None:
    try:
        code = importlib.import_module(module).main(["--help"])
    except SystemExit as end:
        code = end.code
    assert code == 0
    shown = capsys.readouterr().out
    assert shown.startswith("usage: ")
    assert len(shown.split("\n\n")) > 1, "it says what it does"


@pytest.mark.parametrize(("module", "arguments"), CASES, ids=[f"{m} {a}" for m, a in CASES])
def test_wrong_input_is_one_line_and_code_2(
    module: str, arguments: str, settings: object, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        code = importlib.import_module(module).main(arguments.split(" ") if arguments else [])
    except SystemExit as end:
        code = end.code
    told = capsys.readouterr()
    assert (code, told.out) == (2, "")
    lines = told.err.strip().splitlines()
    if module == "docs.generate_dags":  # argparse's own, as it runs without our folder
        lines = [line.partition(": ")[2] for line in lines[-1:]]
    assert len(lines) == 1, told.err
    assert lines[0].startswith("error: ")
    assert "Traceback" not in told.err


def test_the_arguments_of_makes_commands_need_the_standard_library_alone() -> None:
    """They are checked before anything is installed."""
    program = (
        "import sys; sys.path.insert(0, '.'); from importlib import import_module; "
        f"[import_module(name).parse for name in {CHECKED!r}]"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program], cwd=PROJECT_ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def test_the_check_runs_nothing_and_refuses_as_the_command_does(capsys: pytest.CaptureFixture[str]) -> None:
    assert check(["include.model.crossfit", "--version", "3"]) == 0
    assert check(["include.local_stack.demo", "--posts", "8"]) == 0
    assert check(["include.model.crossfit", "--version", "x"]) == 2
    assert "dataset version 'x' is not an integer" in capsys.readouterr().err


def test_what_is_checked_is_what_make_runs() -> None:
    makefile = Path(PROJECT_ROOT, "Makefile").read_text(encoding="utf-8")
    for module in CHECKED:
        assert module.removesuffix(".__main__") in makefile
