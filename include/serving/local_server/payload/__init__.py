"""What requests and answers carry: JSON as TensorFlow Serving reads and writes it, and the arrays in it."""
