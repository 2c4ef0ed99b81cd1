"""MNIST's own images as pictures: the path through reading changes none of them."""

import numpy as np
from PIL import Image

from edgemnist import Classifier
from edgemnist.model.opened import run
from edgemnist.reading.image import read_digit
from edgemnist.reading.mnist_form import has_mnist_form

EVERY = 25
"""One picture in so many goes the whole way, past the finder too: 400."""


def test_all_70_000_images_have_mnist_form(mnist):
    assert all(has_mnist_form(image) for split in (mnist.train, mnist.validation) for image in split.images)


def test_the_10_000_validation_pictures_stay_bit_for_bit(mnist):
    images = np.stack([read_digit(Image.fromarray(image), None).image for image in mnist.validation.images])
    np.testing.assert_array_equal(images, mnist.validation.images)


def test_validation_pictures_get_the_answers_of_the_network_alone(mnist):
    classifier = Classifier()
    images = mnist.validation.images[::EVERY]
    predictions = classifier.predict([Image.fromarray(image) for image in images])
    answers = [prediction.class_index for prediction in predictions]
    assert answers == run(classifier.model, images).logits.argmax(1).tolist()
