"""What a unit of anything costs a Hall of several nodes: what a plan is computed from."""
