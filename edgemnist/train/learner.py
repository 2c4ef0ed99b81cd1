"""What learns: a network with its optimizer, made from a checkpoint and put back into one."""

import dataclasses
from dataclasses import dataclass

import torch
from torch import nn

from edgemnist.train.checkpoint import Checkpoint, EpochRecord
from edgemnist.train.kinds import KINDS
from edgemnist.train.task import TrainingRecipe


@dataclass(frozen=True)
class Learner:
    """A network in training, on its device."""

    network: nn.Module
    optimizer: torch.optim.Adam
    recipe: TrainingRecipe
    seed: int


def load_learner(checkpoint: Checkpoint, device: torch.device) -> Learner:
    """The learner exactly as it was when the checkpoint was made, on `device`."""
    recipe = checkpoint.recipe
    network = KINDS[recipe.kind].network().to(device)
    network.load_state_dict(checkpoint.state)
    parameters = list(network.parameters())
    # All parameters in one kernel: 107 -> 74 ms a step (one core).
    optimizer = torch.optim.Adam(parameters, recipe.peak_learning_rate, (0.9, recipe.beta2), fused=True)
    moments = {
        # The fused kernel takes it for granted that the moments lie in memory as their parameter does.
        index: {
            name: value if name == "step" else torch.empty_like(parameters[index]).copy_(value)
            for name, value in values.items()
        }
        for index, values in checkpoint.optimizer.items()
    }
    optimizer.load_state_dict({"state": moments, "param_groups": optimizer.state_dict()["param_groups"]})
    return Learner(network, optimizer, recipe, checkpoint.seed)


def next_checkpoint(before: Checkpoint, learner: Learner, record: EpochRecord) -> Checkpoint:
    """The checkpoint one epoch after `before`.

    The last one is without the optimizer's moments, which nothing needs any more: 1.7 MB instead of 5.
    """
    finished = record.epoch == learner.recipe.epochs
    moments = {} if finished else learner.optimizer.state_dict()["state"]
    return dataclasses.replace(
        before,
        state={name: value.cpu() for name, value in learner.network.state_dict().items()},
        optimizer={index: {name: value.cpu() for name, value in values.items()} for index, values in moments.items()},
        history=(*before.history, record),
    )
