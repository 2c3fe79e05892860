"""Which articles are one story, who had it first, and which of them to keep.

In the order of the data: `features` (what articles say of themselves; `clocks`: whether their dates
are those of fetching), `distinct` (what an article has to say of its own), `overlap` (which hold
words of one another), `is_link` (which of these may be one story; `form`: which are alike in form
alone), `group` (stories; `roundups`: what tells several), `versions` (which version takes the place
of which), `choice` (which to keep), `direction` and `origin` (who had it first), `roles` (what each
article is in its story), `told` (the records) and `sites` (who runs whose text).
"""
