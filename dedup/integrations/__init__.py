"""dedup inside other tools: each module needs the library it is named after, as an extra."""
