"""What a scan leaves behind: the output folder, the summary, views of stories and clusters, tables."""
