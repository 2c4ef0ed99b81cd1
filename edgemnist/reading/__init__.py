"""Any picture -> the 28x28 images that the network knows. Is handed a function that classifies;
opens no model but the finder."""
