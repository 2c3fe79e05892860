"""What an article says of itself: its date, address and site, and the agency that it credits."""
