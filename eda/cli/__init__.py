"""The command line: one file a verb; heavy imports live inside the commands."""
