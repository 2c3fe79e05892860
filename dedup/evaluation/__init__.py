"""How good a scan is: pairs and clusters that people judged, scores, and floors."""
