"""What an .onnx file of ours is: its contract and digest; opens it, and proves it. Nothing here knows a picture.

The only folder that imports onnxruntime.
"""
