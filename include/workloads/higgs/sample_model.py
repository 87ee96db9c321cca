"""The network with random weights, as the drill needs it.

``python -m include.workloads.higgs.sample_model 1`` puts it into service as version 1.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence

from include.console.arguments import CommandParser, whole_number
from include.console.command import command
from include.serving.config import STABLE, ModelConfig, config_file, read_config, write_config
from include.settings import Settings, get_settings
from include.workloads.higgs.base.settings import higgs_settings
from include.workloads.higgs.model.network import build, export


def put_into_service(version: int, settings: Settings) -> None:
    """Write the model to the store, and have it served."""
    own = higgs_settings()
    stored = settings.models_dir / own.model_name / str(version)
    export(build(version), stored, version, own.keep_probability)
    serve(version, settings)


def serve(version: int, settings: Settings) -> None:
    """Have a version of the store served as ``stable``, without a gate; other models stay as they are."""
    name = higgs_settings().model_name
    served = settings.serving_dir.resolve() / name
    shutil.copytree(settings.models_dir / name / str(version), served / str(version), dirs_exist_ok=True)
    others = [model for model in read_config(config_file(settings)) if model.name != name]
    write_config(
        config_file(settings), [*others, ModelConfig(name, str(served), (version,), {STABLE: version})]
    )


@command
def main(argv: Sequence[str] | None = None) -> int:
    """Put it into service."""
    parser = CommandParser("include.workloads.higgs.sample_model", __doc__)
    parser.add_argument("version", type=whole_number(1), help="the model version's number")
    put_into_service(parser.parse_args(argv).version, get_settings())
    return 0


if __name__ == "__main__":
    sys.exit(main())
