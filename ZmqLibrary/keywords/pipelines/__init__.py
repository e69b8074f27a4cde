"""Keywords about pumps and sinks, and about what they find."""
