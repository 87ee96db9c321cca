"""The library: all the logic of Tweetsieve, importable without Airflow, Spark or Streamlit."""

import sys

from include import interruption, quiet_tensorflow

quiet_tensorflow.install()
if sys.argv[:1] == ["-m"]:  # so it stands while `python -m include...` looks for the program
    interruption.install()
