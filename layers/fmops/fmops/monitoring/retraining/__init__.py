"""From drift that lasts to prompts that people label."""
