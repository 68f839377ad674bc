"""The subcommands of ``sapiens-pose``: each module adds its arguments and runs."""
