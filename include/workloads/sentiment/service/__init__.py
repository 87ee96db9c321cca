"""The service that scores texts over HTTP, with one version of the model."""
