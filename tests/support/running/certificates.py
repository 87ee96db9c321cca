"""A certificate authority for the length of a test."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID


@dataclass(frozen=True)
class Pair:
    """Files: a certificate and its private key, in PEM; the key in DER as well, as ``<key>.pk8``."""

    certificate: Path
    key: Path


class Authority:
    """Signs certificates that it alone vouches for; its own is ``<folder>/<name>.pem``."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder, self._key = folder, ec.generate_private_key(ec.SECP256R1())
        self._name = _name(name)
        self.certificate = self._write(
            name, _builder(self._name, self._name, self._key.public_key(), authority=True)
        )

    def issue(self, name: str, hosts: tuple[str, ...] = ()) -> Pair:
        """A certificate for a person, or for the host names and addresses of a server."""
        key = ec.generate_private_key(ec.SECP256R1())
        builder = _builder(_name(name), self._name, key.public_key(), authority=False)
        if hosts:
            names = x509.SubjectAlternativeName([_general_name(host) for host in hosts])
            builder = builder.add_extension(names, critical=False)
        pair = Pair(self._write(name, builder), self._folder / f"{name}.key")
        for path, encoding in ((pair.key, Encoding.PEM), (pair.key.with_suffix(".pk8"), Encoding.DER)):
            path.touch(mode=0o600)
            path.write_bytes(key.private_bytes(encoding, PrivateFormat.PKCS8, NoEncryption()))
        return pair

    def _write(self, name: str, builder: x509.CertificateBuilder) -> Path:
        path = self._folder / f"{name}.pem"
        path.write_bytes(builder.sign(self._key, hashes.SHA256()).public_bytes(Encoding.PEM))
        return path


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, *, authority: bool
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    )


def _name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)
