"""The workload spark_ml: a Spark ML pipeline chosen by cross-validation, applied inside Spark's JVM."""
