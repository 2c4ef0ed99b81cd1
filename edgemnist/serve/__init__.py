"""What `edgemnist serve` answers over HTTP, and the page that it shows. Nothing here reads a picture."""
