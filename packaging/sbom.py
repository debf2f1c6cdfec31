"""Prints the software bill of materials (CycloneDX 1.6) of an archive: sbom.py RUST-TARGET

It lists what packaging/licences.py has the licences of: the crates that cargo links for this target
into the library and the sandbox, with the checksums of Cargo.lock, and what comes from the compilers.
Needs cyclonedx-python-lib. SOURCE_DATE_EPOCH is its time, and its serial number follows from its content.
"""

from __future__ import annotations

import os
import re
import sys
import uuid
from datetime import datetime, timezone
from pathlib import Path

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, XsUri
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from licences import packages
from packageurl import PackageURL

ROOT = Path(__file__).resolve().parent.parent
LICENCES = LicenseFactory()
# What is linked beside crates, by the part of the target that brings it.
LINKED = {
    "": [("rust-std", "MIT OR Apache-2.0")],
    "linux": [("llvm-libunwind", "Apache-2.0 WITH LLVM-exception")],
    "windows": [("libgcc", "GPL-3.0-or-later WITH GCC-exception-3.1"), ("mingw-w64-runtime", "ZPL-2.1")],
}


def checksums() -> dict[tuple[str, str], str]:
    """The SHA-256 of each crate of Cargo.lock."""
    entry = re.compile(r'name = "(.+)"\nversion = "(.+)"\nsource = .*\nchecksum = "(.+)"')
    return {(name, version): sum for name, version, sum in entry.findall((ROOT / "Cargo.lock").read_text("utf-8"))}


def crate(package: dict, sums: dict[tuple[str, str], str]) -> Component:
    name, version = package["name"], package["version"]
    url = PackageURL("cargo", name=name, version=version)
    # Crates of old write MIT/Apache-2.0 for MIT OR Apache-2.0.
    licence = package["license"].replace("/", " OR ")
    return Component(
        name=name,
        version=version,
        purl=url,
        bom_ref=str(url),
        licenses=[LICENCES.make_from_string(licence)],
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=sums[name, version])],
        external_references=[ExternalReference(type=ExternalReferenceType.VCS, url=XsUri(package["repository"]))]
        if package["repository"]
        else [],
    )


def main() -> None:
    target = sys.argv[1]
    version = re.search('^version = "(.+)"', (ROOT / "Cargo.toml").read_text("utf-8"), re.MULTILINE)[1]
    sums = checksums()
    bom = Bom(components=[crate(package, sums) for package in packages(target)])
    for part, linked in LINKED.items():
        for name, licence in linked if part in target else []:
            bom.components.add(Component(name=name, bom_ref=name, licenses=[LICENCES.make_from_string(licence)]))
    diyalog = Component(
        name="diyalog",
        version=version,
        type=ComponentType.LIBRARY,
        bom_ref=f"diyalog@{version}",
        licenses=[LICENCES.make_from_string("MIT OR Apache-2.0")],
    )
    bom.metadata.component = diyalog
    bom.metadata.timestamp = datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), timezone.utc)
    bom.register_dependency(diyalog, bom.components)
    content = "\n".join(sorted(component.bom_ref.value for component in bom.components))
    bom.serial_number = uuid.uuid5(uuid.NAMESPACE_URL, f"{target}\n{version}\n{content}")
    print(JsonV1Dot6(bom).output_as_string(indent=2))


main()
