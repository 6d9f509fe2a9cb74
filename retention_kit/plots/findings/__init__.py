"""What figures find, as their titles: a sentence with a verb and the numbers, from the table that the figure draws.

Every function returns "" where the table says nothing that would hold: too few data, or no way to tell a difference
from chance. The figure then has a title that names what it draws. A difference within chance is called so.
"""
