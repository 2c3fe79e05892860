"""The command line: options, commands, and the one place where errors become exit codes."""
