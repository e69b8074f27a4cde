"""The states in which a pump or sink has ended. Apart from the reports, because every library instance imports them."""

ENDED = ("DONE", "STOPPED", "FAILED")
