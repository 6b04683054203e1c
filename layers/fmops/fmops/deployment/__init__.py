"""What a deployment itself sets in motion, and leaves behind."""
