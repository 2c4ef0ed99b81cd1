"""How good a model is on labeled images. What a model costs on a device stands in `device`."""
