"""The counterfactual bias probe: prompts that differ in the group of people alone, asked of what serves."""
