"""What pages, the API and the command line do to the records; none of it knows of requests."""
