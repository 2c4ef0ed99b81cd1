"""MNIST's own images as pictures: the path through `read_image` changes none of them."""

import numpy as np
from PIL import Image

from edgemnist import Classifier
from edgemnist.model.session import run
from edgemnist.reading.image import read_image
from edgemnist.reading.mnist_form import has_mnist_form


def test_all_70_000_images_have_mnist_form(mnist):
    assert all(has_mnist_form(image) for split in (mnist.train, mnist.validation) for image in split.images)


def test_the_10_000_validation_pictures_get_the_answers_of_the_network_alone(mnist):
    classifier = Classifier()
    images = np.stack([read_image(Image.fromarray(image)) for image in mnist.validation.images])
    np.testing.assert_array_equal(images, mnist.validation.images)
    answers = [prediction.class_index for prediction in classifier.predict_images(images)]
    assert answers == run(classifier.model, mnist.validation.images).logits.argmax(1).tolist()
