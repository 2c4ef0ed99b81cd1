"""From MNIST to a checkpoint: network, recipe, augmentation, loop. Needs the extra `edgemnist[train]`.

No file of the edge imports it.
"""
