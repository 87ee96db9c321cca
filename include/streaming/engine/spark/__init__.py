"""The engine on Spark: the only folder of it that knows Spark."""
