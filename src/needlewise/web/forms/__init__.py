"""Forms: choices come from the knowledge, the planner judges what is told, and what is wrong stands beside the field."""
