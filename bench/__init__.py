"""What the portal costs, measured: ``make bench`` prints the table."""
