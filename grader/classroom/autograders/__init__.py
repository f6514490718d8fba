"""Platforms that run the grader themselves, a submission at a time, and want a file of results."""
