"""Pages for `reading.py`, drawn here and nowhere else: nothing is ever trained on them."""
