"""What the network sees of a text, as a graph of TensorFlow."""
