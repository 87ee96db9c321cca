"""From an approved promotion to the version in service, or back."""
