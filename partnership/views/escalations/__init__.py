"""Pages of professional differences: those of one, the list and the register, the procedure and its contacts."""
