"""What is in an image, as SPDX: `sbom.py IMAGE DPKG_STATUS PACKAGE_RESOLVED` prints it.

Debian's packages come from dpkg's list in the image, Swift's from Package.resolved.
"""

import email.parser
import json
import pathlib
import sys


def debian_packages(status):
    """Name, version and architecture of what is installed."""
    for paragraph in pathlib.Path(status).read_text().split("\n\n"):
        fields = email.parser.HeaderParser().parsestr(paragraph)
        if (fields.get("Status") or "").endswith(" installed"):
            yield fields["Package"], fields["Version"], fields["Architecture"]


def swift_packages(resolved):
    """Name, version and address of what the binary is built with."""
    path = pathlib.Path(resolved)
    for pin in json.loads(path.read_text())["pins"] if path.exists() else ():
        state = pin["state"]
        yield pin["identity"], state.get("version") or state["revision"], pin["location"]


def entry(kind, name, version, address, locator):
    return {
        "SPDXID": f"SPDXRef-{kind}-{name}".replace("+", "-").replace("_", "-"),
        "name": name, "versionInfo": version, "downloadLocation": address,
        "externalRefs": [{
            "referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
            "referenceLocator": locator}]}


def document(image, status, resolved):
    packages = [
        entry("deb", name, version, "NOASSERTION",
              f"pkg:deb/debian/{name}@{version}?arch={architecture}")
        for name, version, architecture in debian_packages(status)]
    packages += [
        entry("swift", name, version, address, f"pkg:swift/{address.split('://')[-1]}@{version}")
        for name, version, address in swift_packages(resolved)]
    return {
        "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT",
        "name": image, "documentNamespace": f"https://spdx.org/spdxdocs/{image}",
        "creationInfo": {"creators": ["Tool: Scripts/lib/sbom.py"],
                         "created": "1970-01-01T00:00:00Z"},
        "packages": packages}


if __name__ == "__main__":
    json.dump(document(*sys.argv[1:]), sys.stdout, indent=2)
