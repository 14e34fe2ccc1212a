"""Every write of the learning hubs that has consequences, by subject."""
