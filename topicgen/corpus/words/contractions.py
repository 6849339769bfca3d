"""Contractions and elisions that lists of stop words lack, by the code of the language."""

_ENGLISH = """
    aren't can't couldn't daren't didn't doesn't don't hadn't hasn't haven't isn't mayn't mightn't
    mustn't needn't oughtn't shan't shouldn't wasn't weren't won't wouldn't ain't
    i'm i've i'd i'll you're you've you'd you'll he's he'd he'll she's she'd she'll it's it'd it'll
    we're we've we'd we'll they're they've they'd they'll that's that'd that'll who's who've who'd
    who'll what's what're where's when's why's how's here's there's there'd there'll let's
    could've should've would've might've must've
"""

_FRENCH = "c' d' j' l' m' n' s' t' qu' jusqu' lorsqu' puisqu' quoiqu' presqu' quelqu' entr'"

_ITALIAN = "c' d' l' m' s' t' v' un' dell' all' dall' nell' sull' quell' com' quand' tutt' anch'"

CONTRACTIONS = {
    "en": _ENGLISH.split(),
    "fr": _FRENCH.split(),
    "it": _ITALIAN.split(),
}
