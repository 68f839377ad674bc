"""Files that a command line names: finding, reading and writing them."""
