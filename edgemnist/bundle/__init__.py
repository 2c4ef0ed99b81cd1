"""One file that installs edgemnist on a Pi without internet, and its installer. The standard library alone."""
