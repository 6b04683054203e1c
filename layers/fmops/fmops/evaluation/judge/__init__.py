"""A model as judge of answers: rules without I/O."""
