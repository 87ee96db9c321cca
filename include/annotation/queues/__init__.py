"""Which post an annotator sees next: queues, leases and the queue of disagreements."""
