"""A workload on the embedded stack, driven through Airflow's REST API: ``make demo``."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from include.console.command import command, complain
from include.errors import OUTAGE_EXIT_CODE
from include.local_stack.demo.arguments import WORKLOAD, MainJob, parse


@command
def main(argv: Sequence[str] | None = None) -> int:
    """Run the demo of a workload; 0 only when every step of it happened."""
    given = parse(argv)
    from include.local_stack.airflow.api import RunFailed
    from include.local_stack.demo import main_job, other_workloads
    from include.settings import get_settings

    try:
        if given.workload == WORKLOAD:
            job = MainJob.of(given)
            job.require_files()
            main_job.run(job, get_settings())
        else:
            other_workloads.run(given.workload, get_settings())
    except (RunFailed, TimeoutError, RuntimeError) as error:
        complain(f"the demo stopped: {error}")
        return OUTAGE_EXIT_CODE
    return 0


if __name__ == "__main__":
    sys.exit(main())
