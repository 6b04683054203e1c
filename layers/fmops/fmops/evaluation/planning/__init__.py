"""What a run will do: which candidates, on what data, judged by whom, at what cost at most."""
