"""Pipelines: pumps that put messages into a pipeline, sinks that take them out at its end, and what they find."""
