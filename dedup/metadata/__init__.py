"""What an article says of itself: date, address, site, owner, and whom it credits."""
