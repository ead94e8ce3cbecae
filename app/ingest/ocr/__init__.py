"""Words in pictures: found by a recogniser, put in reading order, told as a page."""
