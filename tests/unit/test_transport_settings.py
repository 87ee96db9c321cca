"""Settings of secure connections that contradict themselves are refused, by name and without a secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from include.settings import PROJECT_ROOT, Settings, SettingsError, get_settings

OWN = {"KAFKA_BOOTSTRAP_SERVERS": "kafka.test:9092"}
NO_FILE = "/nowhere/ca.pem"


@pytest.fixture(autouse=True)
def _nothing_given(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PASSWORD", "SECURITY_PROTOCOL"):
        monkeypatch.delenv(f"TWEETSIEVE_KAFKA_{name}", raising=False)


def read(monkeypatch: pytest.MonkeyPatch, given: dict[str, str]) -> Settings:
    for name, value in given.items():
        monkeypatch.setenv(f"TWEETSIEVE_{name}", value)
    get_settings.cache_clear()
    try:
        return get_settings()
    finally:
        get_settings.cache_clear()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"KAFKA_SECURITY_PROTOCOL": "TLS"}, r"KAFKA_SECURITY_PROTOCOL: .*PLAINTEXT.*SASL_SSL"),
        ({"KAFKA_SASL_MECHANISM": "scram"}, r"KAFKA_SASL_MECHANISM: .*PLAIN.*SCRAM-SHA-256.*SCRAM-SHA-512"),
        ({"KAFKA_SECURITY_PROTOCOL": "SASL_SSL"}, r"PROTOCOL=SASL_SSL is not for the embedded .*BOOTSTRAP_S"),
        ({"KAFKA_SASL_MECHANISM": "PLAIN"}, r"SASL_MECHANISM=PLAIN is not for the embedded"),
        ({"KAFKA_USERNAME": "_broker"}, r"KAFKA_USERNAME other than"),
        ({**OWN, "KAFKA_SECURITY_PROTOCOL": "SASL_SSL"}, r"KAFKA_PASSWORD is empty.*SASL_SSL needs it"),
        ({**OWN, "KAFKA_PASSWORD": "geheim"}, r"KAFKA_PASSWORD is given.*=PLAINTEXT sends none"),
        (
            {**OWN, "KAFKA_SECURITY_PROTOCOL": "SSL", "KAFKA_SSL_CA": NO_FILE},
            r"KAFKA_SSL_CA: /nowhere/ca.pem: No",
        ),
        (
            {**OWN, "KAFKA_SSL_CA": str(PROJECT_ROOT / "Makefile")},
            r"KAFKA_SSL_CA: .* holds nothing in PEM",
        ),
        ({"SPARK_SECRET": "ge heim"}, r"SPARK_SECRET: Input should be of visible ASCII"),
        ({"POSTGRES_SSLMODE": "on"}, r"POSTGRES_SSLMODE: .*disable.*verify-full"),
        ({"POSTGRES_SSLMODE": "require"}, r"POSTGRES_SSLMODE=require is not for the embedded database"),
        ({"POSTGRES_HOST": "db", "POSTGRES_SSLMODE": "verify-full"}, r"POSTGRES_SSLROOTCERT is empty"),
        ({"POSTGRES_HOST": "db", "POSTGRES_SSLROOTCERT": NO_FILE}, r"=prefer does not check it"),
    ],
)
def test_what_contradicts_itself_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], said: str
) -> None:
    with pytest.raises(SettingsError, match=said) as refusal:
        read(monkeypatch, given)
    assert "geheim" not in str(refusal.value)


def test_a_file_without_use_or_without_its_other_half_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pem = tmp_path / "one.pem"
    pem.write_text("-----BEGIN RSA PRIVATE KEY-----\n")
    with pytest.raises(SettingsError, match=r"SSL_CA is given, and .*PLAINTEXT does not encrypt"):
        read(monkeypatch, {**OWN, "KAFKA_SSL_CA": str(pem)})
    tls = {**OWN, "KAFKA_SECURITY_PROTOCOL": "SSL", "KAFKA_SSL_CA": "", "KAFKA_SSL_CERTIFICATE": str(pem)}
    with pytest.raises(SettingsError, match=r"SSL_KEY is empty, and .*SSL_CERTIFICATE is nothing without it"):
        read(monkeypatch, tls)
    with pytest.raises(SettingsError, match="no PKCS #8 key in PEM: convert it by openssl"):
        read(monkeypatch, {**tls, "KAFKA_SSL_KEY": str(pem)})


def test_empty_means_not_given_as_docker_compose_fills_it_in(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("SECURITY_PROTOCOL", "SASL_MECHANISM", "PASSWORD", "SSL_CA", "SSL_CERTIFICATE", "SSL_KEY")
    settings = read(monkeypatch, {**OWN, **{f"KAFKA_{name}": "" for name in names}, "POSTGRES_SSLMODE": ""})
    assert settings.kafka_protocol == "PLAINTEXT"
    assert settings.kafka_mechanism is None
    assert settings.postgres_sslmode is None
