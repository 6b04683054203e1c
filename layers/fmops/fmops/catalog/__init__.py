"""Which models there are, what is new among them, what they cost, and how AWS is asked to run them."""
