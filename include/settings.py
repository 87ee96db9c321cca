"""Every setting of Tweetsieve: typed, documented, read from the environment.

Each field is read from ``TWEETSIEVE_<FIELD>`` (``TWEETSIEVE_POSTGRES_PORT=5433``) or from a
``.env`` file at the project's root. Nothing else in the project reads the environment.
"""

from __future__ import annotations

import json
import os
import re
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Self, TypeVar

from pydantic import (
    AfterValidator,
    AliasChoices,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from pydantic_settings import SettingsError as SettingsSourceError

from include.bounds_settings import BoundsSettings
from include.curation_settings import CurationSettings
from include.database_settings import ADMINISTRATOR, DatabaseSettings
from include.errors import UserError
from include.login_settings import LoginSettings
from include.retention_settings import RetentionSettings
from include.transport_settings import TransportSettings

PROJECT_ROOT = Path(__file__).resolve().parent.parent

Port = Annotated[int, Field(ge=1, le=65_535)]


def _with_unit(amount: str) -> str:
    if not re.fullmatch(r"[1-9][0-9]*[kmgt]", amount, re.IGNORECASE | re.ASCII):
        raise ValueError("Input should be an amount with its unit, such as 512m or 2g")
    return amount


def _unless_empty(value: object) -> object:
    """Empty means not given, as where docker compose fills in a variable that is not set."""
    return None if value == "" else value


Memory = Annotated[str, AfterValidator(_with_unit)]
"""As both Java and Spark write it: a number alone is bytes here, megabytes there."""


class Settings(
    DatabaseSettings, TransportSettings, RetentionSettings, LoginSettings, BoundsSettings, CurationSettings
):
    """The settings of one stack; immutable once read."""

    model_config = SettingsConfigDict(
        env_prefix="TWEETSIEVE_",
        env_file=PROJECT_ROOT / ".env",
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,  # the input holds secrets
        allow_inf_nan=False,
    )

    production: bool = Field(
        False,
        description="Refuse to run with a password that is empty or well known; Airflow has users and roles.",
    )
    host: str = Field("127.0.0.1", description="Address every embedded server binds to.")
    allowed_hosts: str = Field(
        "",
        description="Host names under which pages and servers answer besides localhost, 127.0.0.1, [::1] and"
        " that address: names or addresses without a port, separated by commas.",
    )
    state_dir: Path = Field(
        PROJECT_ROOT / ".tweetsieve",
        description="The one folder that holds the embedded stack's data, logs and models.",
    )

    # Backups
    backup_dir: Path | None = Field(
        None, description="Backups, a folder each; default beside the state folder: <state>-backups."
    )
    backup_keep: int = Field(7, ge=1, description="How many backups are kept; older ones are deleted.")
    backup_schedule: str = Field(
        "15 3 * * *",
        pattern=r"^\s*(\S+(\s+\S+){4}\s*)?$",
        description="When the DAG back_up runs, as cron writes it, in UTC; empty: on demand only.",
    )

    # Java and its libraries
    java_home: Path | None = Field(
        None,
        validation_alias=AliasChoices("java_home", "TWEETSIEVE_JAVA_HOME", "JAVA_HOME"),
        description="Java 17 or 21; empty means the java on the PATH.",
    )
    jars_cache: Path = Field(
        Path("~/.cache/tweetsieve"),
        description="Resolved jars, shared by every checkout of this user.",
    )
    ivy_settings: Path | None = Field(
        None, description="An ivysettings.xml, where jars come from a registry of your own."
    )

    # Postgres
    postgres_host: str = Field("127.0.0.1", description="Host of the database server.")
    postgres_port: Port = Field(15432, description="Port of the database server.")
    postgres_user: str = Field(
        "tweetsieve", description="The server's administrator, who makes the databases and the other roles."
    )
    postgres_password: SecretStr = Field(
        SecretStr(""), description="Its password; empty means the one that was generated in the state folder."
    )
    postgres_database: str = Field("streamingdb", description="Database of posts, labels and results.")
    airflow_database: str = Field("airflow", description="Airflow's own database on the same server.")

    # Kafka
    kafka_port: Port = Field(19092, description="Port of the embedded broker.")
    kafka_controller_port: Port = Field(19093, description="Port of the embedded broker's controller.")
    kafka_heap: Memory = Field("512m", description="Memory of the embedded broker, as Java writes it.")
    kafka_retention_hours: int = Field(
        168,
        ge=-1,
        le=1_000_000,
        description="How long the embedded broker keeps posts; -1 for ever, never 0.",
    )
    kafka_partitions: int = Field(
        4, ge=1, le=10_000, description="Partitions of a topic this project creates."
    )
    ai_topic: str = Field("ai_tweets_topic", description="Raw posts that matched an AI keyword.")
    mix_topic: str = Field("mix_tweets_topic", description="Raw posts on anything.")

    # Datasets
    dataset_prefix: str = Field(
        "raw_tweet_dataset",
        pattern=r"^[a-z][a-z0-9_]{0,30}$",
        description="Prefix of the raw tables: <prefix>_<version>.",
    )
    split_seed: int = Field(20200405, description="Seed of the split into test, dev and train.")

    # The streams
    workloads_path: str = Field(
        "", description="Folders with further workloads, separated by colons; see docs/workloads.md."
    )
    stream_scorers: Annotated[dict[str, str], NoDecode] = Field(
        {}, description='Scorers other than the workloads\' own first, as JSON: {"ai_tweets": "saved_model"}.'
    )
    stream_workload: str = Field(
        "ai_tweets", description="The workload whose stream a container of docker compose or Kubernetes runs."
    )

    # Models
    model_name: str = Field("naive_text_clf", description="Name of the served model.")
    model_store: Path | None = Field(
        None, description="Trained models, <store>/<model name>/<version>; default <state>/models."
    )
    serving_root: Path | None = Field(
        None, description="What the model server reads; default <state>/serving. Only promotion writes here."
    )
    serving_port: Port = Field(8501, description="Port of the embedded model server (TF Serving REST).")
    serving_url: str | None = Field(
        None, description="Base URL of the model server; empty means the embedded one."
    )
    promotion_target: str = Field("local", description="Where promotion rolls out to: local or kubernetes.")
    gate_limits: dict[str, float] = Field(
        {}, description='Limits of promotion other than the defaults, as JSON: {"min_recall": 0.7}.'
    )
    auto_approve: bool = Field(
        False, description="Let a candidate that passes the gate into production without asking a person."
    )
    allow_own_approval: Annotated[bool | None, BeforeValidator(_unless_empty)] = Field(
        None,
        description="Whether who asks for a promotion may approve it as well; empty means yes, but not with"
        " TWEETSIEVE_PRODUCTION.",
    )
    approval_hours: float = Field(
        24.0,
        gt=0,
        le=8_760,
        description="How long promotion waits for a person's answer; none in time is a no.",
    )
    canary_seconds: float = Field(
        60.0,
        ge=0,
        le=604_800,
        description="How long a new model answers only a share of the posts; 0: no canary.",
    )
    canary_share: float = Field(
        0.2, gt=0, lt=1, description="That share, by the hash of the post's id; of 1."
    )

    # Kubernetes, where promotion rolls out to it
    kubernetes_config: Path | None = Field(
        None, description="A kubeconfig; empty means the pod's own account, else ~/.kube/config."
    )
    kubernetes_namespace: str = Field("tweetsieve", description="Namespace of the model server.")
    kubernetes_models: str = Field("/models", description="Where its pods mount the folder of serving_root.")

    # Sources
    x_bearer_token: SecretStr | None = Field(None, description="Bearer token of the X API.")
    x_api_url: str = Field("https://api.twitter.com", description="Base URL of the X API v2.")
    replay_port: Port = Field(8520, description="Port of the local replay of X's filtered stream.")

    # The stream's health: alerts always go to the monitor's log, and where else is named here
    alert_webhook: SecretStr | None = Field(
        None, description="Webhook that takes Slack's format; its address is a secret."
    )
    alert_email_to: str = Field("", description="Who gets alerts by e-mail, separated by commas.")
    alert_email_from: str = Field("tweetsieve@localhost", description="Their sender.")
    smtp_host: str = Field("127.0.0.1", description="Mail server that takes them.")
    smtp_port: Port = Field(25, description="Its port; 465 means TLS from the start.")
    smtp_starttls: bool = Field(False, description="Turn to TLS before anything is said.")
    smtp_user: str = Field("", description="Account at the mail server; empty means none.")
    smtp_password: SecretStr = Field(SecretStr(""), description="Its password.")
    alert_no_progress_seconds: float = Field(
        120, gt=0, description="Posts wait and none was committed for so long: an alert."
    )
    alert_silence_seconds: float = Field(
        30, gt=0, description="A stream that is to run has said nothing for so long: an alert."
    )
    alert_lag: int = Field(1_000_000, ge=1, description="So many posts wait: an alert.")
    alert_dead_letter_rate: float = Field(
        0.1, gt=0, le=1, description="Such a share of five minutes' posts became dead letters: an alert."
    )
    alert_disk_free_gb: float = Field(
        5, ge=0, description="A disk of ours has less room, in GB (10^9 bytes): an alert."
    )
    alert_disk_free_share: float = Field(
        0.05, ge=0, lt=1, description="The same, as a share of its bytes, or of its files; of 1."
    )
    alert_quiet_seconds: float = Field(
        60, gt=0, description="A trouble not seen for so long is over: a notice of recovery."
    )
    monitor_port: Port = Field(8530, description="Port of the health monitor's metrics (Prometheus).")
    grafana_port: Port = Field(8531, description="Port of the dashboard of those metrics, on docker compose.")

    # The tagger
    adjudicators: str = Field(
        "", description="Who may decide disputed posts: names or e-mail addresses, separated by commas."
    )
    operator: str = Field(
        "", description="Who imports labels by a command, as records name it; empty: the account's name."
    )
    tagger_overlap: float = Field(
        0.1, ge=0, le=1, description="Share of the random queue's posts that two people label."
    )

    # Airflow, Spark, pages
    airflow_port: Port = Field(8080, description="Port of Airflow's UI and REST API.")
    airflow_parallelism: int = Field(4, ge=1, le=1_000, description="Task processes at once.")
    tagger_port: Port = Field(8511, description="Port of the tagger page.")
    dashboard_port: Port = Field(8512, description="Port of the dashboard page.")
    inbox_port: Port = Field(8513, description="Port of the page of emotional messages.")
    spark_master: str = Field("local[2]", description="Master of the embedded spark_default connection.")
    spark_driver_memory: Memory = Field("2g", description="Memory of a Spark driver, as Spark writes it.")
    spark_stream_conf: str = Field(
        "", pattern=r"^(spark\.\S+=\S*\s*)*$", description="Spark settings of the stream: key=value ..."
    )

    @field_validator("allowed_hosts")
    @classmethod
    def _host_names(cls, value: str) -> str:
        for name in filter(None, map(str.strip, value.split(","))):
            if not re.fullmatch(r"[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]", name):
                raise ValueError(
                    f"TWEETSIEVE_ALLOWED_HOSTS: {name!r} is no host name as browsers send it: give it"
                    " without scheme, port and path, and IPv6 addresses in brackets, such as"
                    " tagger.example.org,[fd00::7]"
                )
        return value

    @field_validator("stream_scorers", mode="before")
    @classmethod
    def _scorers_by_workload(cls, value: object) -> object:
        """Empty means none, as where docker compose fills in a variable that is not set."""
        if not isinstance(value, str):
            return value
        try:
            scorers = json.loads(value or "{}")
        except ValueError:
            scorers = None
        if not isinstance(scorers, dict) or not all(isinstance(name, str) for name in scorers.values()):
            raise ValueError(
                "TWEETSIEVE_STREAM_SCORERS is not a JSON object of a scorer's name by workload, such as "
                '{"ai_tweets": "saved_model"}'
            )
        return scorers

    @field_validator("kafka_retention_hours")
    @classmethod
    def _kept_for_some_time(cls, hours: int) -> int:
        """Kafka itself refuses 0, when it starts."""
        if hours == 0:
            raise ValueError("Input should be at least 1, or -1 for ever")
        return hours

    @model_validator(mode="after")
    def _the_embedded_database_has_no_tls(self) -> Self:
        asks = self.postgres_sslmode in ("require", "verify-ca", "verify-full")
        if self.postgres_host == self.host and asks:
            raise ValueError(
                f"TWEETSIEVE_POSTGRES_SSLMODE={self.postgres_sslmode} is not for the embedded database, which"
                " listens on loopback without TLS: name a server of your own by TWEETSIEVE_POSTGRES_HOST"
            )
        return self

    @model_validator(mode="after")
    def _no_known_password_in_production(self) -> Self:
        """A generated password is kept in the state folder of the machine that the server runs on."""
        known = {"tweetsieve", "postgres", "password", self.postgres_user, self.database_user}
        if self.postgres_host != self.host:
            known.add("")
        if self.logs_in_as == ADMINISTRATOR:
            name, password = "TWEETSIEVE_POSTGRES_PASSWORD", self.postgres_password
        else:
            name = f"TWEETSIEVE_DATABASE_PASSWORDS of role {self.logs_in_as!r}"
            password = self.database_passwords.get(self.logs_in_as, SecretStr(""))
        if self.production and password.get_secret_value() in known:
            raise ValueError(
                f"{name} is empty, or one that anybody would try, which "
                "TWEETSIEVE_PRODUCTION refuses: set a password of your own"
            )
        return self

    @property
    def database_user(self) -> str:
        """The name by which this process logs in to the database."""
        role = self.logs_in_as
        return self.postgres_user if role == ADMINISTRATOR else self.login_name(role)

    @property
    def postgres_secrets(self) -> Path:
        """The administrator's generated password, in a JSON object by role; readable by its owner alone."""
        return self.state_dir.absolute() / "secrets" / "postgres.json"

    def role_secrets(self, role: str) -> Path:
        """The generated password of one of our roles, in a JSON object by role."""
        return self.state_dir.absolute() / "secrets" / "database" / f"{role}.json"

    @property
    def database_password(self) -> SecretStr:
        """The password of ``database_user``: the one that is given, else the generated one; may be empty.

        It is read each time, so that a running program notices that it was changed.
        """
        role = self.logs_in_as
        if role == ADMINISTRATOR:
            given, file, key = self.postgres_password, self.postgres_secrets, self.postgres_user
        else:
            given = self.database_passwords.get(role, SecretStr(""))
            file, key = self.role_secrets(role), role
        return given or _generated(file, key)

    @property
    def kafka_secrets(self) -> Path:
        """The embedded Kafka's generated passwords, as ``postgres_secrets``."""
        return self.postgres_secrets.with_name("kafka.json")

    @property
    def broker_password(self) -> SecretStr:
        """The password of ``kafka_username``: the one that is given, else the generated one; may be empty."""
        return self.kafka_password or _generated(self.kafka_secrets, self.kafka_username)

    @property
    def own_approval(self) -> bool:
        """Whether who asks for a promotion may approve it as well."""
        return not self.production if self.allow_own_approval is None else self.allow_own_approval

    @property
    def kafka_bootstrap(self) -> str:
        """Brokers as ``host:port[,host:port]``."""
        return self.kafka_bootstrap_servers or f"{self.host}:{self.kafka_port}"

    @property
    def model_url(self) -> str:
        """Base URL of the model server, without a trailing slash."""
        return (self.serving_url or f"http://{self.host}:{self.serving_port}").rstrip("/")

    @property
    def models_dir(self) -> Path:
        """The model store: ``<models_dir>/<model name>/<model version>/``."""
        return self.model_store or self.state_dir / "models"

    @property
    def serving_dir(self) -> Path:
        """The folder the model server reads; a candidate is never written here."""
        return self.serving_root or self.state_dir / "serving"

    @property
    def backups_dir(self) -> Path:
        """The folder of backups: outside of the state folder, which somebody may delete."""
        state = self.state_dir.absolute()
        return self.backup_dir or state.with_name(f"{state.name}-backups")

    @property
    def jars_dir(self) -> Path:
        """Jars of the Kafka broker and of the Spark connector."""
        return self.jars_cache.expanduser() / "jars"

    @property
    def logs_dir(self) -> Path:
        """Logs of the embedded servers."""
        return self.state_dir / "logs"


def _generated(secrets: Path, name: str) -> SecretStr:
    """Read each time: a secret may be replaced while this process runs."""
    try:
        generated = json.loads(secrets.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return SecretStr("")
    return SecretStr(generated.get(name, ""))


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """Read the settings, once per process; after ``get_settings.cache_clear()`` they are read again.

    Raises:
        SettingsError: naming each refused setting; no value, which may be a secret.
    """
    try:
        return Settings()
    except (ValidationError, SettingsSourceError) as refused:
        raise SettingsError(_told(refused)) from None


Own = TypeVar("Own", bound=BaseSettings)


def read_settings(kind: type[Own]) -> Own:
    """A workload's own settings, from the variables with the prefix that its class declares.

    Raises:
        SettingsError: naming each refused setting, and each variable with that prefix that is none.
    """
    prefix = str(kind.model_config.get("env_prefix", "")).upper()
    known = [f"{prefix}{name.upper()}" for name in kind.model_fields]
    if unknown := sorted(name for name in os.environ if name.startswith(prefix) and name not in known):
        raise SettingsError(f"{unknown[0]} is no setting; there are: {', '.join(known)}")
    try:
        return kind()
    except (ValidationError, SettingsSourceError) as refused:
        raise SettingsError(_told(refused, prefix)) from None


class SettingsError(UserError):
    """A setting has a value that means nothing."""


def _told(refused: ValidationError | SettingsSourceError, prefix: str = "TWEETSIEVE_") -> str:
    where = "correct it in the environment or in .env"
    if isinstance(refused, SettingsSourceError):
        # Its text names the field in quotes, and nothing else of use.
        field = str(refused).partition('"')[2].partition('"')[0]
        return f"{prefix}{field.upper()} is not JSON; {where}"
    found = []
    for one in refused.errors(include_input=False, include_url=False):
        message, name = one["msg"].removeprefix("Value error, "), "_".join(map(str, one["loc"])).upper()
        known = not name or "TWEETSIEVE_" in message
        found.append(message if known else f"{prefix}{name}: {message}")
    return f"{'; '.join(found)}; {where}"
