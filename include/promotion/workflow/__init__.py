"""The steps of the DAG ``promote_model`` up to the rollout, and the approval."""
