"""What a scan leaves behind: the output folder, the terminal's summary, the view of one cluster."""
