"""LiteRT's interpreter with its CPU kernels (XNNPACK)."""

from ai_edge_litert.interpreter import Interpreter


def load(model, threads):
    interpreter = Interpreter(model_path=model, num_threads=threads)
    image, logits = interpreter.get_input_details()[0]["index"], interpreter.get_output_details()[0]["index"]
    state = {"batch": 0}

    def answer(images):
        if len(images) != state["batch"]:
            interpreter.resize_tensor_input(image, [len(images), 28, 28, 1])
            interpreter.allocate_tensors()
            state["batch"] = len(images)
        interpreter.set_tensor(image, images.reshape(-1, 28, 28, 1))
        interpreter.invoke()
        return interpreter.get_tensor(logits)

    return answer
