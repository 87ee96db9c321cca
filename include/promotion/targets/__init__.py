"""Where a model is served: a local server, or Kubernetes."""
