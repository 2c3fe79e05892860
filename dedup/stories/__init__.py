"""Which articles are one story, who had it first, and which of them to keep.

In the order of the data: `article_features` (what articles say of themselves), `distinct_articles`
(articles with the same own texts, taken as one), `overlap` (which share words, and how many),
`link_filter` (which of these may be one story), `roundups` (what tells several stories),
`recurring` (what is background), `kin` (the pairs that share words, with all that is asked of
these), `grouping` (the stories), `revisions` (which version takes the place of which), `canonical`
(which to keep), `first_publisher` (who had it first), `roles` (what each article is in its story),
`telling` (these together), `paragraph_diff` (what a version changed), `story_result` (the records)
and `site_matrix` (who runs whose text).
"""
