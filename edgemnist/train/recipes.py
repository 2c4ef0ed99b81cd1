"""Which recipe each kind of network is trained by when nothing else is said."""

from collections.abc import Callable
from dataclasses import replace

from edgemnist.data import DataSet
from edgemnist.model.contract import Kind
from edgemnist.train.finder import FinderRecipe
from edgemnist.train.recipe import default_recipe, for_other_images
from edgemnist.train.task import TrainingRecipe


def recipe_for(
    network: Kind, epochs: int | None, batch_size: int | None, *, bfloat16: bool
) -> Callable[[DataSet], TrainingRecipe]:
    """The recipe of a kind of network for the data it is trained on; None leaves the recipe's own numbers.

    Raises:
        UsageError: a number is impossible.
    """
    if network == "finder":
        usual = FinderRecipe(bfloat16=bfloat16)
        finder = replace(
            usual,
            epochs=usual.epochs if epochs is None else epochs,
            batch_size=usual.batch_size if batch_size is None else batch_size,
        )
        return lambda data: finder  # noqa: ARG005
    given = {name: value for name, value in (("epochs", epochs), ("batch_size", batch_size)) if value is not None}
    recipe = replace(default_recipe(**given), bfloat16=bfloat16)
    return lambda data: recipe if data.canonical else for_other_images(recipe)
