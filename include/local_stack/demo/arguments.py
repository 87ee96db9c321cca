"""What ``make demo`` is asked for: checked before anything is installed or started."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from include.console.arguments import CommandParser, one_of, plain_name, whole_number
from include.errors import UserError
from include.infra.input_files.argument import absolute, existing_file, existing_path
from include.infra.input_files.location import require_there
from include.schema.dataset_version import version_argument

WORKLOAD = "ai_tweets"

SYNTHETIC_POSTS = 8_000
DUMPED_POSTS = 50_000
"""How many posts the version keeps at most where no number was given, half from each topic."""
FEWEST_POSTS = 2
"""One from each topic."""


class DemoError(UserError, ValueError):
    """Arguments of the demo that don't go together."""


@dataclass(frozen=True)
class MainJob:
    """What to run: a source, a dataset version and how many posts."""

    source: str
    version: int
    posts: int
    dump: str | None
    golden: str | None

    @classmethod
    def of(cls, given: argparse.Namespace) -> MainJob:
        """What is given, and defaults for what is not.

        Raises:
            DemoError: a dump without a file, or a file for another source.
        """
        source = given.source or ("dump" if given.dump else "synthetic")
        if (source == "dump") != bool(given.dump):
            raise DemoError(
                "SOURCE=dump (--source) needs DUMP=<file or folder> (--dump)"
                if source == "dump"
                else f"DUMP={given.dump} (--dump) is for SOURCE=dump alone, not SOURCE={source} (--source)"
            )
        default = DUMPED_POSTS if source == "dump" else SYNTHETIC_POSTS
        return cls(
            source=source,
            version=0 if given.version is None else given.version,
            posts=default if given.posts is None else given.posts,
            dump=given.dump and absolute(given.dump),
            golden=given.golden and absolute(given.golden),
        )

    def require_files(self) -> None:
        """Look at what the URLs name, which takes fsspec; files of this machine were looked at before.

        Raises:
            InputFileError: nothing is there, or the package that reads such addresses is not installed.
        """
        for path in filter(None, (self.dump, self.golden)):
            require_there(path)

    def collect_conf(self) -> dict[str, Any]:
        """The conf of the ``collect_tweets`` run."""
        return {"source": self.source, "path": self.dump, "posts": self.posts, "golden": self.golden}


def parse(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """The options; those that were not given are None.

    Raises:
        DemoError: options that don't go together.
    """
    by_make = {
        f"--{one}": one.upper() for one in ("workload", "source", "dump", "version", "golden", "posts")
    }
    parser = CommandParser(
        "include.local_stack.demo", "The main job, or another workload's, end to end.", by_make
    )
    add = parser.add_argument
    add("--workload", type=plain_name, default=WORKLOAD, help="WORKLOAD=: ai_tweets by default")
    add("--source", type=one_of("synthetic", "dump"), help="SOURCE=: synthetic by default, dump with DUMP=")
    add("--dump", type=existing_path, help="DUMP=: file or folder of posts, for SOURCE=dump")
    add(
        "--version",
        type=version_argument,
        help="VERSION=: the dataset version, an integer >= 0; 0 by default",
    )
    add("--golden", type=existing_file, help="GOLDEN=: file of id_str and label, people's labels")
    add("--posts", type=whole_number(FEWEST_POSTS, 10**9), help="POSTS=: how many posts to keep at most")
    given = parser.parse_args(argv)
    _check(given)
    return given


def _check(given: argparse.Namespace) -> None:
    if given.workload == WORKLOAD:
        MainJob.of(given)
        return
    named = [
        one for one in ("source", "dump", "version", "golden", "posts") if getattr(given, one) is not None
    ]
    if named:
        raise DemoError(
            f"{', '.join(one.upper() for one in named)}: only for WORKLOAD={WORKLOAD}; "
            f"the demo of {given.workload} takes none of these"
        )
