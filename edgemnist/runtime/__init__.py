"""Inference on the edge: numpy, onnxruntime and Pillow, nothing else."""
