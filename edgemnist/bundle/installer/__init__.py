"""What runs on the Raspberry Pi out of a bundle, before anything is installed: the standard library alone.

A bundle is one file: `head.sh`, which proves the file whole, and behind it a zip archive that Python runs, with
this folder, the doctor, the manifest and the wheels.
"""
