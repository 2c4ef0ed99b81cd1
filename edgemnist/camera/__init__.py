"""What stands before a camera, read again and again: sources, the newest frame, steady readings."""
