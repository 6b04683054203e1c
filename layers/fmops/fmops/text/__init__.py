"""Rules about text: normalising, comparing, guessing languages, masking what names a person."""
