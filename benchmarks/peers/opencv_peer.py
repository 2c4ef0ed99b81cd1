"""OpenCV's dnn module, which takes the fp32 file alone (docs/model-format.md)."""

import cv2


def load(model, threads):
    cv2.setNumThreads(threads)
    network = cv2.dnn.readNetFromONNX(model)

    def answer(images):
        network.setInput(images, "image")
        return network.forward("logits").reshape(len(images), -1).copy()

    return answer
