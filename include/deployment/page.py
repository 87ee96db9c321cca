"""A page's container: writes the page's login, then becomes Streamlit's server.

python -m include.deployment.page tagger
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from include.console.arguments import CommandParser
from include.console.command import command
from include.infra.processes.page_login import login_options
from include.settings import PROJECT_ROOT, Settings, get_settings

PAGES = ("tagger", "dashboard", "inbox")


@command
def main(argv: Sequence[str] | None = None) -> int:
    """Does not return, but with code 2 where the arguments or the settings are refused."""
    parser = CommandParser("include.deployment.page", __doc__)
    parser.add_argument("page", choices=PAGES)
    page = parser.parse_args(argv).page
    words = page_command(get_settings(), page, Path(tempfile.mkdtemp(prefix="login-")))
    os.execv(words[0], words)
    return 1


def page_command(settings: Settings, page: str, folder: Path) -> list[str]:
    """Streamlit on every address of its container, on the page's port.

    Args:
        folder: where the file of the page's login is written.
    """
    return [
        sys.executable, "-m", "streamlit", "run", str(PROJECT_ROOT / "streamlit_apps" / page / "app.py"),
        "--server.address=0.0.0.0", f"--server.port={getattr(settings, f'{page}_port')}",
        "--server.headless=true", "--server.fileWatcherType=none", "--browser.gatherUsageStats=false",
        *login_options(settings, page, folder),
    ]  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
