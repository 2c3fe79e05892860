"""Which articles are one story, who had it first, and which of them to keep.

In the order of the data: `bodies` (what an article has to say of its own), `kin` (which hold words
of one another), `bond` (which of these may be one story), `group` (stories and roundups), `facts`
and `direction` (who had it first), `versions` (which version takes the place of which), `choice`
(which to keep), `roles` (what each article is in its story) and `sites` (who runs whose text).
"""
