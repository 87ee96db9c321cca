"""A driver takes no call without its secret; what Spark shows of a source holds no password."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from py4j.protocol import Py4JJavaError

from include.infra.kafka.connection import spark_options
from include.infra.spark.session import make_session
from include.settings import Settings
from tests.support.streaming.kafka import send

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

ENDPOINT = "OutputCommitCoordinator"


def call(spark: SparkSession, security: Any, conf: Any) -> str:
    """Look up an endpoint of the driver from another RPC environment, as an executor does."""
    jvm, address = spark.sparkContext._jvm, spark.conf.get("spark.driver.host")
    assert jvm is not None
    port = spark.sparkContext.getConf().get("spark.driver.port")
    caller = jvm.org.apache.spark.rpc.RpcEnv.create("caller", address, address, 0, conf, security, 1, True)
    try:
        return str(caller.setupEndpointRefByURI(f"spark://{ENDPOINT}@{address}:{port}").name())
    finally:
        caller.shutdown()


def test_a_driver_takes_no_call_without_its_secret(spark: SparkSession) -> None:
    jvm = spark.sparkContext._jvm
    assert jvm is not None
    env = jvm.org.apache.spark.SparkEnv.get()
    assert call(spark, env.securityManager(), env.conf()) == ENDPOINT

    stranger = jvm.org.apache.spark.SparkConf(False).set("spark.rpc.lookupTimeout", "10s")
    key = getattr(getattr(jvm.org.apache.spark.internal.config, "package$"), "MODULE$").AUTH_SECRET_FILE()
    nothing = jvm.org.apache.spark.SecurityManager(stranger, jvm.scala.Option.empty(), key)
    with pytest.raises(Py4JJavaError):
        call(spark, nothing, stranger)


def test_neither_plan_nor_settings_show_a_password(spark: SparkSession, kafka: Settings) -> None:
    make_session("redaction", kafka)
    send(kafka, "shown", [b"one"])
    options = spark_options(kafka)
    secret = kafka.broker_password.get_secret_value()
    assert secret in options["kafka.sasl.jaas.config"]
    frame = spark.read.format("kafka").options(**options).option("subscribe", "shown").load()
    assert frame.count() == 1
    assert secret not in frame._jdf.queryExecution().toString()
    assert secret not in str(spark.sparkContext.getConf().getAll())
