"""What a person sees in a terminal: tables of stories and clusters, one article, differences."""
