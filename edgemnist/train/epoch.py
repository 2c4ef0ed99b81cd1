"""One epoch of whatever is learned."""

import torch

from edgemnist.train.device import has_bfloat16
from edgemnist.train.learner import Learner
from edgemnist.train.progress import Progress, StepDone
from edgemnist.train.recipe import learning_rate
from edgemnist.train.task import Task


def train_epoch(learner: Learner, task: Task, epoch: int, progress: Progress) -> float:
    """The mean loss over the training inputs of an epoch (1 for the first), each taken before its step."""
    recipe, network, optimizer = learner.recipe, learner.network, learner.optimizer
    device = next(network.parameters()).device
    in_bfloat16 = recipe.bfloat16 and has_bfloat16(device)
    steps = task.steps
    total, count = torch.zeros((), device=device), 0
    network.train()
    for step, batch in enumerate(task.batches(epoch, network)):
        optimizer.param_groups[0]["lr"] = learning_rate(recipe, (epoch - 1) * steps + step, recipe.epochs * steps)
        with torch.autocast(device.type, dtype=torch.bfloat16, enabled=in_bfloat16):
            loss = task.loss(network(batch.inputs), batch.target)
        optimizer.zero_grad()
        loss.learned.backward()
        optimizer.step()
        total += loss.told * batch.size
        count += batch.size
        progress(StepDone(epoch, recipe.epochs, step + 1, steps))
    return total.item() / count
