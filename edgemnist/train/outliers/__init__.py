"""Outliers: images in MNIST's form that show no digit, made in code, from which training learns to object."""
