"""The arguments of the subcommands: added to a parser, and read from it as values."""
