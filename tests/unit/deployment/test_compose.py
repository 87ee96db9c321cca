"""docker-compose.yaml agrees with the settings, the requirements, and the embedded stack."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from include.database_settings import ROLES
from include.infra.allowed_hosts import AllowedHosts
from include.infra.kafka.connection import airflow_extra, jaas
from include.infra.spark.jars import KAFKA_BROKER
from include.local_stack import kafka
from include.local_stack.airflow import server as airflow
from include.local_stack.broker.listeners import listeners
from include.local_stack.database.binaries import POSTGRES_MAJOR
from include.serving.config import parse_config
from include.settings import PROJECT_ROOT, Settings
from include.streaming.registry import workload_named, workload_names
from include.streaming.scorers.plan import scorer_name
from tests.support.deployment.checkers import complaints
from tests.support.deployment.compose_file import (
    FILE,
    compose,
    environment,
    image,
    references,
    resolved,
    services,
)

OURS = ("TWEETSIEVE_", "AIRFLOW_")
EXAMPLES = ("TWEETSIEVE_PRODUCTION", "TWEETSIEVE_ALLOWED_HOSTS")
"""What .env.example gives another value than the default."""


def pinned(package: str) -> str:
    text = (PROJECT_ROOT / "requirements.txt").read_text(encoding="utf-8")
    (version,) = re.findall(rf"^{re.escape(package)}==(\S+)", text, re.M)
    return version


def of_our_image() -> list[str]:
    return [name for name, service in services().items() if service["image"].startswith("tweetsieve:")]


def defaults() -> dict[str, str]:
    return {f"TWEETSIEVE_{name.upper()}": str(f.default) for name, f in Settings.model_fields.items()}


def test_it_is_a_compose_file() -> None:
    assert complaints("check-jsonschema", "--builtin-schema", "vendor.compose-spec", FILE) == ""


def test_images_are_those_that_the_requirements_name() -> None:
    airflow_image = resolved(compose()["x-ours"]["build"]["args"]["AIRFLOW_IMAGE"])
    assert airflow_image == f"apache/airflow:{pinned('apache-airflow')}-python3.11"
    assert f"ARG AIRFLOW_IMAGE={airflow_image}\n" in (PROJECT_ROOT / "Dockerfile").read_text()
    assert image("spark-master") == ("apache/spark", pinned("pyspark"))
    assert image("kafka") == ("apache/kafka", KAFKA_BROKER.rpartition(":")[2])
    assert image("postgres")[0] == "postgres"
    assert image("postgres")[1].startswith(f"{POSTGRES_MAJOR}.")


@pytest.mark.parametrize("service", services())
def test_every_service_is_pinned_limited_and_watched(service: str) -> None:
    described = services()[service]
    assert re.fullmatch(r"[\w./-]+:v?\d[\w.-]*", described["image"])
    assert set(described["deploy"]["resources"]["limits"]) == {"cpus", "memory"}
    assert described["restart"] == ("no" if service == "prepare" else "unless-stopped")
    assert "healthcheck" in described or service == "prepare"


@pytest.mark.parametrize("service", ["tagger", "dashboard", "inbox", "monitor"])
def test_a_health_check_asks_for_a_host_that_is_answered(service: str) -> None:
    """Only the metrics are asked for by the service's name, by a Prometheus in the same network."""
    given = environment(service)
    hosts = AllowedHosts.listed(given["TWEETSIEVE_ALLOWED_HOSTS"], given.get("TWEETSIEVE_HOST", "127.0.0.1"))
    (url,) = [word for word in services()[service]["healthcheck"]["test"] if word.startswith("http://")]
    assert hosts.refusal([urlsplit(url).netloc]) is None
    assert (hosts.refusal([f"{service}:80"]) is None) == (service == "monitor")
    assert "TWEETSIEVE_ALLOWED_HOSTS" in references()


@pytest.mark.parametrize("service", services())
def test_what_is_waited_for_can_come(service: str) -> None:
    """A healthy service has a health check; only what ends is waited for to end; nobody waits in a circle."""
    for other, how in services()[service].get("depends_on", {}).items():
        if how["condition"] == "service_healthy":
            assert "healthcheck" in services()[other]
        assert (how["condition"] == "service_completed_successfully") == (other == "prepare")
        assert service not in all_before(other)


def all_before(service: str) -> set[str]:
    direct = set(services()[service].get("depends_on", {}))
    return direct.union(*(all_before(other) for other in direct)) if direct else direct


@pytest.mark.parametrize("service", services())
def test_ports_are_loopback_only_and_settings(service: str) -> None:
    for port in services()[service].get("ports", []):
        where, name, default = re.fullmatch(r"([\d.]+):\$\{(\w+):-(\d+)\}:\d+", port).groups()  # type: ignore[union-attr]
        assert where == "127.0.0.1"
        assert default == defaults()[name]


def test_every_variable_of_ours_is_a_setting() -> None:
    used = {name for service in services() for name in environment(service)} | set(references())
    example = (PROJECT_ROOT / ".env.example").read_text(encoding="utf-8")
    used |= set(re.findall(r"^#?(\w+)=", example, re.M))
    assert {name for name in used if name.startswith("TWEETSIEVE_")} <= defaults().keys() | of_workloads()


def of_workloads() -> set[str]:
    """The variables of the workloads' own settings."""
    kinds = [workload_named(name).settings for name in workload_names()]
    return {
        f"{kind.model_config['env_prefix']}{name}".upper()
        for kind in kinds
        if kind
        for name in kind.model_fields
    }


def test_the_example_documents_everything_and_nothing_else() -> None:
    example = (PROJECT_ROOT / ".env.example").read_text(encoding="utf-8")
    documented = dict(re.findall(r"^#?([A-Z_]+)=(.*)$", example, re.M))
    assert documented.keys() == references().keys()
    required = {name for name, kinds in references().items() if kinds == {"?"}}
    given = {name for name in documented if f"\n{name}=" in example}
    assert required == given - {"TWEETSIEVE_PRODUCTION"}
    assert all(not documented[name] for name in required), "a secret must not have a value here"
    for name in documented.keys() - required & defaults().keys():
        if name in defaults() and documented[name] and name not in EXAMPLES:
            assert documented[name] == defaults()[name]


def of_environment(service: str) -> Settings:
    given = {name[11:].lower(): v for name, v in environment(service).items() if name.startswith(OURS[0])}
    return Settings(_env_file=None, **{name: value for name, value in given.items() if value})  # type: ignore[arg-type]


def test_the_settings_are_accepted() -> None:
    settings = of_environment("stream")
    assert settings.production
    assert settings.kafka_bootstrap == "kafka:9092"
    assert settings.model_url == "http://serving:8501"


@pytest.mark.parametrize("password", ["", "tweetsieve", "acme"])
def test_production_refuses_a_password_that_is_empty_or_known(password: str) -> None:
    with pytest.raises(ValueError, match="TWEETSIEVE_POSTGRES_PASSWORD") as refused:
        Settings(
            _env_file=None,
            production=True,
            postgres_host="postgres",
            postgres_user="acme",
            postgres_password=password,
            x_bearer_token="very secret",
        )
    assert "very secret" not in str(refused.value)


SECRETS_OF = {
    "prepare": set(ROLES),
    # Its workers run the tasks, a stream's single run and forgetting among them.
    "airflow-scheduler": {"tasks", "stream", "forgetter", "keeper", "backup", "airflow"},
    **{f"airflow-{name}": {"tasks"} for name in ("api-server", "dag-processor", "triggerer")},
    **{name: {name} for name in ("stream", "tagger", "dashboard", "inbox", "monitor")},
}


@pytest.mark.parametrize("service", services())
def test_a_service_gets_its_own_secrets_alone(service: str) -> None:
    given = environment(service)
    passwords = json.loads(given.get("TWEETSIEVE_DATABASE_PASSWORDS", "{}"))
    assert passwords.keys() == SECRETS_OF.get(service, set())
    assert given.get("TWEETSIEVE_DATABASE_ROLE", "") in {"", *passwords}
    assert ("TWEETSIEVE_POSTGRES_PASSWORD" in given) == (service == "prepare")
    assert ("TWEETSIEVE_X_BEARER_TOKEN" in given) == (service in ("airflow-scheduler", "stream"))
    assert ("AIRFLOW__CORE__FERNET_KEY" in given) == (service.startswith("airflow-") or service == "prepare")


PAGES = ("tagger", "dashboard", "inbox")
SCORING = ("sentiment-a", "sentiment-b")


@pytest.mark.parametrize("service", [*PAGES, *SCORING])
def test_a_page_sees_no_folder_of_models_keys_or_backups(service: str) -> None:
    assert services()[service]["volumes"] == []


def test_roles_are_called_as_the_settings_say() -> None:
    scheduler = environment("airflow-scheduler")
    names = Settings(_env_file=None)
    assert f"//{names.login_name('airflow')}:" in scheduler["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"]
    assert json.loads(scheduler["AIRFLOW_CONN_STREAMINGDB"])["login"] == names.login_name("tasks")


def test_airflow_is_set_as_on_the_embedded_stack(tmp_path: Path) -> None:
    production = Settings(state_dir=tmp_path, production=True, postgres_password="not known")
    embedded = airflow.variables(production)
    ours = {n: v for n, v in environment("airflow-scheduler").items() if n.startswith("AIRFLOW_")}
    assert embedded.keys() == ours.keys() - {"AIRFLOW__SCHEDULER__ENABLE_HEALTH_CHECK"}
    for name in ("EXECUTOR", "HOSTNAME_CALLABLE", "LOAD_EXAMPLES", "PARALLELISM", "AUTH_MANAGER"):
        assert ours[f"AIRFLOW__CORE__{name}"] == embedded[f"AIRFLOW__CORE__{name}"]
    home, state = ours["AIRFLOW_HOME"], ours_of("TWEETSIEVE_STATE_DIR")
    assert home == f"{state}/airflow"
    login = Path(embedded["AIRFLOW__FAB__CONFIG_FILE"])
    assert login.is_file()
    assert ours["AIRFLOW__FAB__CONFIG_FILE"] == f"/opt/tweetsieve/{login.relative_to(PROJECT_ROOT)}"


def test_airflows_users_are_made_after_its_tables() -> None:
    *_, script = services()["prepare"]["command"]
    steps = [step.split()[-1] for step in script.split("&&")]
    assert steps.index("migrate") < steps.index("include.local_stack.airflow.accounts")


@pytest.mark.parametrize("service", ["tagger", "dashboard", "airflow-api-server"])
def test_people_log_in_by_the_provider_of_the_settings(service: str) -> None:
    given = compose_settings(
        service,
        TWEETSIEVE_OIDC_ISSUER="https://id.example.org",
        TWEETSIEVE_OIDC_CLIENT_ID="tweetsieve",
        TWEETSIEVE_OIDC_CLIENT_SECRET="secret",
        TWEETSIEVE_OIDC_ROLES='{"editors": "User"}',
    )
    assert given.oidc
    assert given.oidc_roles == ({"editors": "User"} if service.startswith("airflow") else {})
    others = compose_settings("stream")
    assert not others.oidc_client_secret.get_secret_value()
    assert "TWEETSIEVE_OIDC_CLIENT_SECRET" not in environment("stream")


def ours_of(name: str) -> str:
    return environment("airflow-scheduler")[name]


def test_spark_is_reached_by_the_connection(tmp_path: Path) -> None:
    connection = json.loads(ours_of("AIRFLOW_CONN_SPARK_DEFAULT"))
    embedded = json.loads(airflow.variables(Settings(state_dir=tmp_path))["AIRFLOW_CONN_SPARK_DEFAULT"])
    assert connection.keys() == embedded.keys()
    master = services()["spark-master"]["command"]
    address = f"spark://{master[master.index('--host') + 1]}:{master[master.index('--port') + 1]}"
    assert connection["host"] == ours_of("TWEETSIEVE_SPARK_MASTER") == address
    assert address in services()["spark-worker"]["command"]
    assert services()["spark-master"]["hostname"] == "spark-master"


def test_the_other_connections_name_services_of_the_file() -> None:
    database = json.loads(ours_of("AIRFLOW_CONN_STREAMINGDB"))
    assert (database["host"], str(database["port"])) == (
        ours_of("TWEETSIEVE_POSTGRES_HOST"),
        ours_of("TWEETSIEVE_POSTGRES_PORT"),
    )
    assert (
        database["schema"]
        == ours_of("TWEETSIEVE_POSTGRES_DATABASE")
        == environment("postgres")["POSTGRES_DB"]
    )
    extra = json.loads(ours_of("AIRFLOW_CONN_KAFKA_DEFAULT"))["extra"]
    assert extra == airflow_extra(of_environment("stream"))
    broker = extra["bootstrap.servers"]
    for address in (database["host"], broker.partition(":")[0], "serving"):
        assert address in services()


def test_the_broker_is_set_as_on_the_embedded_stack() -> None:
    settings = Settings(kafka_port=19092)
    embedded = kafka.properties(settings, "secret")
    own = {"controller.quorum.voters", "log.dirs", *listeners(settings, "secret")}
    variables = environment("kafka")
    for name, value in embedded.items():
        variable = "KAFKA_" + name.upper().replace(".", "_")
        assert name in own or variables[variable] == value, variable
    log_in = jaas("PLAIN", username="tweetsieve", password="given", user_tweetsieve="given")
    protocols = variables["KAFKA_LISTENER_SECURITY_PROTOCOL_MAP"].split(",")
    for listener, protocol in (one.split(":") for one in protocols):
        assert variables[f"KAFKA_LISTENER_NAME_{listener}_PLAIN_SASL_JAAS_CONFIG"] == log_in
        assert protocol == "SASL_PLAINTEXT"
    assert {one.split(":")[0] for one in variables["KAFKA_LISTENERS"].split(",")} == {
        one.split(":")[0] for one in protocols
    }
    inside = ours_of("TWEETSIEVE_KAFKA_BOOTSTRAP_SERVERS")
    assert f"INTERNAL://{inside}" in variables["KAFKA_ADVERTISED_LISTENERS"].split(",")


def test_the_model_server_reads_what_promotion_writes() -> None:
    settings = Settings(serving_root=Path(ours_of("TWEETSIEVE_SERVING_ROOT")))
    flags = services()["serving"]["command"]
    assert f"--model_config_file={settings.serving_dir / 'models.config'}" in flags
    assert "--allow_version_labels_for_unavailable_models=true" in flags
    for service, read_only in (("serving", ":ro"), ("airflow-scheduler", "")):
        assert f"serving:{settings.serving_dir}{read_only}" in services()[service]["volumes"]
    assert parse_config("model_config_list {}") == []


def test_programs_see_the_same_state_folder() -> None:
    for service in set(of_our_image()) - {*PAGES, *SCORING}:
        assert f"state:{ours_of('TWEETSIEVE_STATE_DIR')}" in services()[service]["volumes"], service
        assert environment(service)["TWEETSIEVE_STATE_DIR"] == ours_of("TWEETSIEVE_STATE_DIR")


@pytest.mark.parametrize("service", ["stream", "spark-worker", "airflow-scheduler"])
def test_the_promoted_model_is_within_reach_of_drivers_and_executors(service: str) -> None:
    """With the scorer saved_model they load it from the store, in the version that is served."""
    settings = compose_settings(service)
    volumes = dict(mount.split(":", 1) for mount in services()[service]["volumes"] if mount[0].isalpha())
    assert settings.models_dir.is_relative_to(volumes["state"])
    serving, _, mode = volumes["serving"].partition(":")
    assert str(settings.serving_dir) == serving
    assert mode == ("" if service == "airflow-scheduler" else "ro"), "only promotion writes there"


@pytest.mark.parametrize("service", ["stream", "airflow-scheduler"])
def test_the_scorer_is_chosen_by_the_same_setting_everywhere(service: str) -> None:
    workload = workload_named("ai_tweets")
    assert scorer_name(workload, compose_settings(service)) == "tf_serving"
    chosen = compose_settings(service, TWEETSIEVE_STREAM_SCORERS='{"ai_tweets": "saved_model"}')
    assert scorer_name(workload, chosen) == "saved_model"


def test_the_stream_that_starts_by_itself_is_the_main_jobs() -> None:
    assert compose_settings("stream").stream_workload == "ai_tweets"


def compose_settings(service: str, **filled_in: str) -> Settings:
    """The settings of a service, with what .env fills in."""
    variables = {
        name: filled_in.get(name, value) if name in references() else value
        for name, value in environment(service).items()
        if name.startswith(OURS[0])
    }
    given = {name.removeprefix(OURS[0]).lower(): value for name, value in variables.items()}
    return Settings(_env_file=None, **given)  # type: ignore[arg-type]


def test_volumes_are_declared_and_used() -> None:
    mounts = [mount for service in services().values() for mount in service.get("volumes", [])]
    named = {mount.partition(":")[0] for mount in mounts if mount[0].isalpha()}
    assert named == set(compose()["volumes"])


@pytest.mark.parametrize("page", ["tagger", "dashboard", "inbox"])
def test_pages_are_there(page: str) -> None:
    python, _, module, name = services()[page]["command"]
    assert (python, module, name) == ("python", "include.deployment.page", page)


def test_backups_outlive_the_containers_and_lie_outside_of_what_they_back_up() -> None:
    settings = compose_settings("airflow-scheduler")
    assert f"backups:{settings.backups_dir}" in services()["airflow-scheduler"]["volumes"]
    assert not settings.backups_dir.is_relative_to(settings.state_dir)
    image = (PROJECT_ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert str(settings.backups_dir) in image.split(), "its owner has to be the image's user"
