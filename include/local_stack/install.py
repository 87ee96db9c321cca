"""The first step of set-up: ``.venv`` as ``requirements.lock`` has it. Standard library only.

Every package, and uv which installs them, must have the hash that its lock has. A stamp with the locks' hash
makes a second run install nothing.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from include.console.arguments import CommandParser
from include.console.command import command
from include.console.progress import step
from include.infra.errors import StackError
from include.infra.spark.java import find_java

ROOT = Path(__file__).resolve().parent.parent.parent
PYTHONS = ((3, 11), (3, 12))


@command
def main(argv: Sequence[str] | None = None) -> int:
    """Install what is missing; code 2 and one clear message where a person has to fix something."""
    CommandParser("include.local_stack.install", __doc__).parse_args(argv)
    home = os.environ.get("TWEETSIEVE_JAVA_HOME") or os.environ.get("JAVA_HOME")
    find_java(Path(home) if home else None)
    install(ROOT / ".venv", ROOT / "requirements.lock", ROOT / "requirements.uv.lock")
    return 0


def install(environment: Path, lock: Path, installer: Path) -> None:
    """Bring the environment to the lock, by the uv of the lock ``installer``.

    Raises:
        StackError: this Python can't make one, or a package could not be installed.
    """
    if sys.version_info[:2] not in PYTHONS:
        raise StackError(f"{sys.executable} is Python {sys.version.split()[0]}; 3.11 or 3.12 is needed")
    stamp = environment / "installed-lock"
    wanted = fingerprint(lock, installer)
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return
    stamp.unlink(missing_ok=True)
    python = _make_environment(environment)
    print(f"installing {lock.name} into {environment.name}: some minutes", file=sys.stderr)
    with step("installing", environment):
        _run([str(python), "-m", "pip", "install", "--quiet", "--require-hashes", "-r", str(installer)])
        uv = [str(python), "-m", "uv", "pip", "sync", "--quiet", "--python", str(python)]
        _run([*uv, "--require-hashes", str(lock)])
    stamp.write_text(wanted, encoding="utf-8")


def fingerprint(*locks: Path) -> str:
    """What identifies an environment of these locks and this Python."""
    digest = hashlib.sha256(b"".join(lock.read_bytes() for lock in locks)).hexdigest()
    return f"{digest} python {sys.version_info[0]}.{sys.version_info[1]}\n"


def _make_environment(environment: Path) -> Path:
    """A virtual environment of this Python; one of another version is replaced."""
    python = environment / "bin" / "python"
    check = f"import pip, sys; sys.exit(sys.version_info[:2] != {tuple(sys.version_info[:2])})"
    if not python.exists() or subprocess.run([python, "-c", check], capture_output=True).returncode:
        done = subprocess.run([sys.executable, "-m", "venv", "--clear", str(environment)])
        if done.returncode:
            release = f"{sys.version_info[0]}.{sys.version_info[1]}"
            raise StackError(
                f"{sys.executable} could not make a virtual environment (Debian, Ubuntu: "
                f"apt-get install python{release}-venv)"
            )
    return python


def _run(command: list[str]) -> None:
    done = subprocess.run(command, stdout=sys.stderr)
    if done.returncode:
        raise StackError(f"this failed with code {done.returncode}, see above: {' '.join(command)}")


if __name__ == "__main__":
    sys.exit(main())
