"""Any picture -> the 28x28 images that the network knows.

It is handed a function that classifies, and opens no model but the finder.
"""
