"""Measure and store what speaks for giving one version all messages.

    python -m include.workloads.sentiment.evidence --scorer version_b

The stream has to have scored some messages, and both services have to run. The DAG set_traffic_share does the
same where it is needed.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence

from include.console.arguments import CommandParser, one_of
from include.console.command import command

SCORERS = ("version_b", "in_process_a", "in_process_b")


@command
def main(argv: Sequence[str] | None = None) -> int:
    """Exit code 0 where it passed, 1 where it did not."""
    parser = CommandParser("include.workloads.sentiment.evidence", __doc__)
    parser.add_argument("--scorer", type=one_of(*SCORERS), default=SCORERS[0], help="version_b by default")
    options = parser.parse_args(argv)
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    logging.getLogger("include").setLevel(logging.INFO)

    from include.infra.postgres.connection import connect
    from include.settings import get_settings
    from include.streaming.control.shares import gather_evidence
    from include.streaming.state.share_evidence import latest_evidence

    gather_evidence("sentiment", {options.scorer: 1.0})
    with connect(get_settings()) as connection:
        found = latest_evidence(connection, "sentiment", options.scorer)
    return 0 if found and found.passed else 1


if __name__ == "__main__":
    sys.exit(main())
