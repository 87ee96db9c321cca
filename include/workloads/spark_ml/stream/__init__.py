"""What the stream does with a message, in Spark's JVM."""
