"""From MNIST to a checkpoint: network, recipe, augmentation, loop. Needs the extra `edgemnist[train]`."""
