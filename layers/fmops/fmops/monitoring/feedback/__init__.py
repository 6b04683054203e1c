"""What users say of answers: a thumb, and some words where they like."""
