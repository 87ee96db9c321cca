"""Writes docs/dags.md from the DAG files' docstrings; `make docs`. A test holds the two together."""

from __future__ import annotations

import argparse
import ast
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "dags.md"
HEADER = """# The DAGs

Made from the DAG files' docstrings by `make docs`; the same text is on each DAG's page in Airflow.
"""


def manuals() -> str:
    """One section per DAG, in the order of their names."""
    sections = [HEADER]
    for path in sorted((ROOT / "dags").glob("*.py")):
        manual = ast.get_docstring(ast.parse(path.read_text())) or ""
        sections.append(f"## {path.stem}\n\n{manual}\n")
    return "\n".join(sections)


def main(argv: Sequence[str] | None = None) -> int:
    """Write the file."""
    argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0]).parse_args(argv)
    TARGET.write_text(manuals())
    return 0


if __name__ == "__main__":
    sys.exit(main())
