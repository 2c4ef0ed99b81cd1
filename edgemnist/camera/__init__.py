"""What stands before a camera, read again and again: sources, the newest frame, steady readings.

How a frame is read stands in `reading`, how an answer is made in `classifier`.
"""
