# Our image: Airflow's programs, Spark's drivers and workers, the streaming classifier and the pages.
#
# Python comes from the base image, everything else of Python from requirements.lock, in an environment of
# its own: the same one that `make setup` makes. (The lock contains the overrides; pip resolving
# requirements.txt would install pyspark-client over pyspark, and triton beside TensorFlow.)

ARG AIRFLOW_IMAGE=apache/airflow:3.3.2-python3.11
# hadolint ignore=DL3006
FROM ${AIRFLOW_IMAGE}

ARG JAVA_RELEASE=17
USER 0:0
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
# The distribution's security updates are wanted: no package versions here.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends "openjdk-${JAVA_RELEASE}-jre-headless" procps \
    && apt-get clean \
    && rm -rf /var/lib/apt/lists/* \
    && ln -s "/usr/lib/jvm/java-${JAVA_RELEASE}-openjdk-$(dpkg --print-architecture)" /opt/java \
    && install -d -o 50000 -g 0 -m 0775 /opt/tweetsieve /opt/jars /var/lib/tweetsieve /var/lib/serving /var/lib/backups
# Airflow's own user, by number: Kubernetes checks that it is not root.
USER 50000:0

WORKDIR /opt/tweetsieve
COPY --chown=50000:0 requirements.lock requirements.uv.lock ./
RUN python -m venv .venv \
    && python -m venv /tmp/uv \
    && PIP_USER=0 /tmp/uv/bin/pip install --no-cache-dir --require-hashes -r requirements.uv.lock \
    && /tmp/uv/bin/uv pip sync --no-cache --require-hashes --python .venv/bin/python requirements.lock \
    && rm -rf /tmp/uv

ENV PATH=/opt/tweetsieve/.venv/bin:/opt/java/bin:/usr/local/bin:/usr/bin:/bin \
    VIRTUAL_ENV=/opt/tweetsieve/.venv \
    JAVA_HOME=/opt/java \
    SPARK_HOME=/opt/tweetsieve/.venv/lib/python3.11/site-packages/pyspark \
    PYSPARK_PYTHON=/opt/tweetsieve/.venv/bin/python \
    PYSPARK_DRIVER_PYTHON=/opt/tweetsieve/.venv/bin/python \
    PYTHONPATH=/opt/tweetsieve \
    PYTHONUNBUFFERED=1 \
    TWEETSIEVE_JARS_CACHE=/opt/jars \
    TWEETSIEVE_STATE_DIR=/var/lib/tweetsieve

# Spark's jars before the code: a change of code does not download them again.
COPY --chown=50000:0 include/__init__.py include/interruption.py include/quiet_tensorflow.py include/
COPY --chown=50000:0 include/errors.py include/settings.py include/database_settings.py include/
COPY --chown=50000:0 include/login_settings.py include/retention_settings.py include/transport_settings.py include/
COPY --chown=50000:0 include/bounds_settings.py include/curation_settings.py include/
COPY --chown=50000:0 include/console include/console
COPY --chown=50000:0 include/infra include/infra
RUN python -c "from include.infra.spark.jars import spark_jars; print(*spark_jars(), sep='\n')"

COPY --chown=50000:0 include include
COPY --chown=50000:0 dags dags
COPY --chown=50000:0 plugins plugins
COPY --chown=50000:0 spark_apps spark_apps
COPY --chown=50000:0 streamlit_apps streamlit_apps
COPY --chown=50000:0 .streamlit .streamlit

# Each service names its whole command; the base image's entry point would wait and translate.
ENTRYPOINT []
CMD ["python", "-m", "include.local_stack", "--help"]
