"""What people type about meetings, and its wording."""
