"""Before the first tablet: may this person start, what is still to be done, and the plan for the first year. Pure."""
