"""The stack that a drill breaks: servers, input, and the workload that it is about."""
