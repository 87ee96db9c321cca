"""``python -m tools.supply_chain.sbom``: the bill of materials of what the locks name (CycloneDX)."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from packageurl import PackageURL

from include.console.arguments import CommandParser
from include.console.command import command
from tools.supply_chain.packages import Package, jars, python_packages


@command
def main(argv: Sequence[str] | None = None) -> int:
    """Write the file."""
    parser = CommandParser("tools.supply_chain.sbom", __doc__)
    parser.add_argument("file", type=Path, nargs="?", default=Path("sbom.json"), help="default: %(default)s")
    file = parser.parse_args(argv).file
    packages = [*python_packages(), *jars()]
    file.write_text(bill_of_materials(packages), encoding="utf-8")
    print(f"{file}: {len(packages)} components")
    return 0


def bill_of_materials(packages: Iterable[Package]) -> str:
    """CycloneDX 1.6 as JSON.

    A Python package has the hashes of all files it may come in, wheels of every platform and the source.
    """
    bom = Bom(components=map(_component, packages))
    whole = bom.metadata.component = Component(name="tweetsieve", type=ComponentType.APPLICATION)
    bom.register_dependency(whole, bom.components)
    return make_outputter(bom, OutputFormat.JSON, SchemaVersion.V1_6).output_as_string(indent=1)


def _component(package: Package) -> Component:
    address = PackageURL(package.kind, package.organisation, package.name, package.version)
    hashes = [HashType(alg=HashAlgorithm.SHA_256, content=digest) for digest in package.sha256]
    # Of many hashes none is the component's: they are of other files.
    own = hashes if len(hashes) == 1 else []
    return Component(
        name=package.name,
        group=package.organisation,
        version=package.version,
        purl=address,
        bom_ref=str(address),
        hashes=own,
    )


if __name__ == "__main__":
    sys.exit(main())
