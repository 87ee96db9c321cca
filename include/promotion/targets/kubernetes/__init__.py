"""A Deployment of TensorFlow Serving as a target of promotions."""
