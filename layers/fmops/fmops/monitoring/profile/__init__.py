"""What is known of many exchanges without keeping them: counts and sketches that merge."""
