"""``make forget``: ``python -m include.forgetting --ids 1240291123456789123 [--dry-run]``."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from include.annotation.labels.import_batches import operator
from include.console.arguments import CommandParser
from include.console.command import command, show
from include.forgetting.forget import forget
from include.forgetting.request import BadRequest, make_request
from include.settings import get_settings


@command
def main(argv: Sequence[str] | None = None) -> int:
    """Forget posts and show the receipt; code 2 for a wrong request, 1 for an outage."""
    parser = CommandParser("include.forgetting", "Forget posts: remove their texts everywhere, for good.")
    parser.add_argument("--ids", help="ids of posts, separated by commas")
    parser.add_argument("--author", help="id of an account, of which all posts go")
    parser.add_argument("--file", help="a text file with an id of a post per line")
    parser.add_argument(
        "--notices", action="store_true", help="only what the sources' deletion notices ask for"
    )
    parser.add_argument("--reason", help="why, for the record")
    parser.add_argument("--dry-run", action="store_true", help="only count, remove nothing")
    parser.add_argument(
        "--now", action="store_true", help="have Kafka delete all messages that every stream has read"
    )
    given = parser.parse_args(argv)
    named = [one for one in (given.ids, given.author, given.file) if one is not None]
    if bool(named) == given.notices:
        raise BadRequest("say what is to be forgotten: --ids, --author or --file; or --notices alone")
    settings = get_settings()
    by = operator(settings)
    request = make_request(given.ids, given.author, given.file, by=by, reason=given.reason)
    show(str(forget(request, settings, dry_run=given.dry_run, now=given.now, say=_tell)))
    return 0


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
