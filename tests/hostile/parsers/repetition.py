# Constants that would fill the memory if they were folded.
x = ('a' * 4000) * 4000 * 4000 * 4000
