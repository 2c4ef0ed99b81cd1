"""Pages of digits made in code, for the finder to learn from: MNIST's training digits on drawn paper."""
