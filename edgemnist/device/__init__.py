"""What this machine is, and what a model costs on it. `doctor` keeps to the standard library: it also runs alone."""
