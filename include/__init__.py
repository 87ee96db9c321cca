"""The library: all the logic of Tweetsieve, importable without Airflow, Spark or Streamlit."""
