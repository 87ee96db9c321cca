"""People's labels: queues, leases, events, agreement, import and export."""
