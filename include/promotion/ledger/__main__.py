"""Whether the promotion ledger is as it was written: ``python -m include.promotion.ledger``."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence

from include.console.arguments import CommandParser
from include.console.command import command
from include.infra.postgres.connection import connect
from include.promotion.ledger.chain import check_ledger
from include.schema.revision import require_current_schema


def _hash(text: str) -> str:
    if not re.fullmatch("[0-9a-f]{64}", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a row's hash, 64 hexadecimal digits")
    return text


@command
def main(argv: Sequence[str] | None = None) -> int:
    """Check the ledger of the database that the settings name; code 1 where it was altered."""
    parser = CommandParser("include.promotion.ledger", "Check that the promotion ledger was not altered.")
    parser.add_argument(
        "--since",
        type=_hash,
        metavar="HASH",
        help="a hash that an earlier check printed, which must still be there",
    )
    known = parser.parse_args(argv).since
    with connect() as connection:
        require_current_schema(connection)
        state = check_ledger(connection, known)
    print(f"the ledger is as it was written: {state.entries} rows; last hash: {state.head or 'none'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
