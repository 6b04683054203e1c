"""The console of a local run: one page that shows what AWS' own console would show."""
