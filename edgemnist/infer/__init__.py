"""What `edgemnist infer` is pointed at, and what it prints. How a picture is read stands in `reading`."""
