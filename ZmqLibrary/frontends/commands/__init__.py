"""The commands of the command line, each in a module of its name. They use the keywords, as any Python program can."""
