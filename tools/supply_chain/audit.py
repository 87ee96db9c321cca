"""``python -m tools.supply_chain.audit``: known weaknesses of the locked Python packages, by pip-audit.

It asks the package index for advisories; a mirror often has none. Then nothing is known, which is not
the same as nothing found: code 3.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

from include.console.arguments import CommandParser
from include.console.command import command
from include.settings import PROJECT_ROOT

PIP_AUDIT = "pip-audit==2.10.1"
WEAK, UNKNOWN = 1, 3
"""Exit codes: weaknesses were found; nothing could be asked."""


@command
def main(argv: Sequence[str] | None = None) -> int:
    """Ask, and print what is known."""
    parser = CommandParser("tools.supply_chain.audit", __doc__)
    parser.add_argument(
        "--where-possible", action="store_true", help="code 0 where no advisories can be had; for CI"
    )
    given = parser.parse_args(argv)
    code, lines = judged(asked())
    print("\n".join(lines), file=sys.stderr if code else sys.stdout)
    return 0 if code == UNKNOWN and given.where_possible else code


def asked() -> Sequence[dict[str, Any]]:
    """What pip-audit says of each package; empty where it could not be run."""
    lock = str(PROJECT_ROOT / "requirements.lock")
    run = [
        sys.executable, "-m", "uv", "tool", "run", PIP_AUDIT, "--requirement", lock, "--disable-pip",
        "--progress-spinner", "off", "--format", "json",
    ]  # fmt: skip
    done = subprocess.run(run, capture_output=True, text=True)
    try:
        return json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        print(done.stderr[-2000:], file=sys.stderr)
        return []


def judged(packages: Sequence[dict[str, Any]]) -> tuple[int, list[str]]:
    """An exit code and the lines that say why.

    >>> judged([{"name": "a", "version": "1", "vulns": []}])
    (0, ['1 of 1 packages audited, 0 known weaknesses'])
    """
    audited = [package for package in packages if "vulns" in package]
    if not audited:
        return UNKNOWN, [f"none of {len(packages)} packages audited: the package index has no advisories"]
    found = [
        f"{package['name']} {package['version']}: {weakness['id']}, "
        f"mended in {', '.join(weakness['fix_versions']) or 'no version yet'}"
        for package in audited
        for weakness in package["vulns"]
    ]
    said = f"{len(audited)} of {len(packages)} packages audited, {len(found)} known weaknesses"
    return (WEAK if found else 0), [*found, said]


if __name__ == "__main__":
    sys.exit(main())
