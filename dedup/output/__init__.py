"""What a scan leaves behind: its output folder, the summary, and views and tables of it."""
