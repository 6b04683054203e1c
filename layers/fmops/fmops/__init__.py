"""The shared library of the functions: one room for each capability."""
