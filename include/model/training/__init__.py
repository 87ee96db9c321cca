"""Training: data, network, cross-fitting, export."""
