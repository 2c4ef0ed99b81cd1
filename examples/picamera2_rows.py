"""Read rows of digits before the camera of a Raspberry Pi, until Ctrl-C."""

from picamera2 import Picamera2

from edgemnist import Classifier

classifier = Classifier()
camera = Picamera2()
camera.configure(camera.create_video_configuration({"format": "RGB888", "size": (1280, 960)}))
camera.start()
while True:
    print(classifier.predict_row(camera.capture_array()).label, flush=True)
