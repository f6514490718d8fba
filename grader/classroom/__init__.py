"""A class: finding its submissions, grading them on all cores, keeping the results."""
