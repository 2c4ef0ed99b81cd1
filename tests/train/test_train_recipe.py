import dataclasses
import json
import math

import pytest

from edgemnist.errors import UsageError
from edgemnist.train.amounts import NO_OUTLIERS, NONE, STRONG, Augmentation
from edgemnist.train.recipe import (
    Recipe,
    default_recipe,
    for_other_images,
    from_dict,
    learning_rate,
    plain_recipe,
    to_dict,
)


def test_triangle_matches_numbers_by_hand() -> None:
    recipe = Recipe(peak_learning_rate=0.8, warmup=0.25)
    # 7 steps cut the run into 8 parts: two parts up to the peak, six down.
    rates = [learning_rate(recipe, step, 7) for step in range(7)]
    assert rates == pytest.approx([0.4, 0.8, 0.8 * 5 / 6, 0.8 * 4 / 6, 0.8 * 3 / 6, 0.8 * 2 / 6, 0.8 / 6])


def test_default_schedule_peaks_after_three_of_twenty_epochs_and_ends_near_zero() -> None:
    rates = [learning_rate(default_recipe(), step, 20 * 469) for step in range(20 * 469)]
    assert rates.index(max(rates)) == pytest.approx(3 * 469, abs=1)
    assert max(rates) == pytest.approx(3e-3, rel=1e-3)
    assert 0 < rates[-1] < 1e-6
    assert 0 < rates[0] < 1e-5


def test_triangle_without_warmup_only_falls() -> None:
    recipe = Recipe(peak_learning_rate=1.0, warmup=0.0)
    assert [learning_rate(recipe, step, 3) for step in range(3)] == [0.75, 0.5, 0.25]


def test_constant_schedule_is_constant() -> None:
    assert {learning_rate(plain_recipe(), step, 10) for step in range(10)} == {1e-3}


@pytest.mark.parametrize("epochs", [1, 2, 3])
def test_short_default_learns_fast_on_clean_images(epochs: int) -> None:
    recipe = default_recipe(epochs)
    assert (recipe.peak_learning_rate, recipe.warmup, recipe.beta2) == (1e-2, 0.25, 0.98)
    assert recipe.epochs <= recipe.clean_epochs
    assert recipe.clean == NONE


@pytest.mark.parametrize("epochs", [4, 20, 100])
def test_longer_default_ends_with_three_clean_epochs(epochs: int) -> None:
    recipe = default_recipe(epochs, 64)
    assert recipe == Recipe(epochs=epochs, batch_size=64, outliers=recipe.outliers)
    assert (recipe.clean_epochs, recipe.outliers.epochs) == (3, epochs // 4)


def test_plain_recipe_never_augments() -> None:
    assert plain_recipe(7).clean_epochs == 7
    assert plain_recipe(7).clean == NONE


def test_a_run_of_three_epochs_sees_no_outliers() -> None:
    assert default_recipe(3).outliers == NO_OUTLIERS


def test_a_recipe_from_before_there_were_outliers_has_none() -> None:
    content = to_dict(plain_recipe())
    del content["outliers"]
    for part in ("common", "gentle", "strong", "clean"):
        del content[part]["lines"], content[part]["background"]
    assert from_dict(content).outliers == NO_OUTLIERS
    assert from_dict(content).strong == dataclasses.replace(STRONG, lines=0.0, background=0.0) != STRONG


def test_images_that_are_not_mnist_get_no_allographs_and_no_outliers() -> None:
    before, after = to_dict(default_recipe()), to_dict(for_other_images(default_recipe()))
    for part in ("common", "clean"):
        assert before[part].pop("allographs") > 0
        assert after[part].pop("allographs") == 0
    assert before.pop("outliers")["epochs"] > 0
    assert after.pop("outliers")["epochs"] == 0
    assert after == before


@pytest.mark.parametrize("recipe", [default_recipe(), default_recipe(1), plain_recipe(2, 32)])
def test_recipe_survives_json(recipe: Recipe) -> None:
    assert from_dict(json.loads(json.dumps(to_dict(recipe)))) == recipe


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"epochs": 0}, "epochs 0 is not possible: must be 1 or more"),
        ({"epochs": -1}, "epochs -1 is not possible: must be 1 or more"),
        ({"batch_size": 0}, "batch size 0 is not possible: must be 1 or more"),
        ({"peak_learning_rate": math.inf}, "learning rate inf is not possible: must be a finite number above 0"),
        ({"peak_learning_rate": math.nan}, "learning rate nan is not possible: must be a finite number above 0"),
        ({"peak_learning_rate": 0.0}, "learning rate 0.0 is not possible: must be a finite number above 0"),
        ({"schedule": "cosine"}, "schedule cosine is not possible: must be triangle or constant"),
        ({"warmup": 1.0}, "warm-up 1.0 is not possible: must be 0 or more and below 1"),
        ({"warmup": math.nan}, "warm-up nan is not possible: must be 0 or more and below 1"),
        ({"beta2": 1.0}, "beta2 1.0 is not possible: must be 0 or more and below 1"),
        ({"clean_epochs": -1}, "clean epochs -1 is not possible: must be 0 or more"),
        ({"strong_share": 1.5}, "strong share 1.5 is not possible: must be from 0 to 1"),
    ],
)
def test_impossible_recipe_is_one_line(change: dict[str, float], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        dataclasses.replace(default_recipe(), **change)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"weight": -1.0}, "outliers weight -1.0 is not possible: must be 0 or more"),
        ({"pairs": math.nan}, "outliers pairs nan is not possible: must be 0 or more"),
        ({"epochs": 5}, "epochs of outliers 5 is not possible: must be 0 without any kind"),
    ],
)
def test_impossible_outliers_are_one_line(change: dict[str, float], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        dataclasses.replace(NO_OUTLIERS, **change)
    assert str(caught.value) == message


@pytest.mark.parametrize("amount", [-1.0, math.inf, math.nan])
def test_impossible_augmentation_is_one_line(amount: float) -> None:
    with pytest.raises(UsageError) as caught:
        Augmentation(elastic=amount)
    assert str(caught.value) == f"augmentation elastic {amount} is not possible: must be 0 or more"


def test_unknown_or_missing_fields_are_refused() -> None:
    with pytest.raises(TypeError, match="surprise"):
        from_dict({**to_dict(default_recipe()), "surprise": 1})
    with pytest.raises(KeyError, match="clean"):
        from_dict({"epochs": 3})
