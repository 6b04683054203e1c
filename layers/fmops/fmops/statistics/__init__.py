"""How sure a number is: pure numpy."""
