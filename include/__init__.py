"""The library: all the logic of Tweetsieve, importable without Airflow, Spark or Streamlit."""

from include import quiet_tensorflow

quiet_tensorflow.install()
