"""The grading of a class: who does it, what is kept of it, and what is printed meanwhile.

`grader.classroom.batch.session.grade_batch` is all that the command needs. A worker loads
`grader.classroom.batch.job` and nothing else of this room.
"""
