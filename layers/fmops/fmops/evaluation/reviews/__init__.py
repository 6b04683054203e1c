"""People compare sampled answers, blind: the sheet, the pages, the votes, and what they add up to."""
