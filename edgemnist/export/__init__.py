"""Exporting: folds BatchNorm and writes the ONNX files. Needs torch and onnx; trains nothing."""
