"""The sentences of the `builtin` text provider: patterns by content type, words by tone.

Slots: {topic} what it is about, {Topic} the same at the start of a sentence, {who} the audience,
{verb} {adjective} {opener} {closer} words of the tone, {action} a platform's call to action. No
pattern makes a claim, names a price or invents a figure.
"""

HEADLINES = (
    "{Topic}, {adjective} by design",
    "{opener} {topic}",
    "{verb} {topic}",
    "Made for {who}",
    "{Topic} starts here",
    "A {adjective} take on {topic}",
    "{Topic}, the way you like it",
    "More {topic}, less noise",
    "Say hello to {topic}",
    "{Topic}. {closer}",
    "Your {adjective} {topic} is here",
    "Meet {topic}",
    "All about {topic}",
    "{verb} your {topic}",
    "This is {topic}",
    "{Topic} worth sharing",
    "Ready for {topic}?",
    "The {adjective} side of {topic}",
    "{topic} for {who}",
    "Today: {topic}",
    "{opener} your {topic} moment",
    "Where {topic} begins",
    "Small steps, {adjective} {topic}",
    "Make room for {topic}",
)
CAPTIONS = (
    "{opener} {topic}. {closer} {action}",
    "{Topic} for {who}. {action}",
    "What does {topic} mean to you? {action}",
    "A {adjective} moment of {topic}. {closer} {action}",
    "We have been thinking about {topic}. {closer} {action}",
    "{verb} {topic} with us. {action}",
    "For {who}: {topic}, {adjective} and simple. {action}",
    "One thing we love: {topic}. {closer} {action}",
    "{Topic}, seen up close. {action}",
    "Save this for your next {topic} day. {closer}",
    "Here is to {topic}. {closer} {action}",
    "Tell us your {topic} story. {action}",
    "Behind the scenes of {topic}. {closer} {action}",
    "A little {topic} for your feed. {action}",
    "{Topic}: {adjective}, honest, yours. {action}",
    "If {topic} is your thing, stay here. {action}",
)
CALLS = (
    "{action}",
    "{verb} {topic}",
    "See more {topic}",
    "Start with {topic}",
    "Find your {topic}",
    "Join {who}",
    "Show me {topic}",
    "Take a closer look",
    "Get to know {topic}",
    "Explore {topic}",
    "Come and see",
    "Let's go",
)
DESCRIPTIONS = (
    "{Topic} for {who}: {adjective}, clear and easy to share. {closer}",
    "A {adjective} look at {topic}, made for {who}. {action}",
    "This post is about {topic}. It speaks to {who} and keeps things {adjective}. {action}",
    "Everything here turns around {topic}. {closer} {action}",
    "{opener} {topic} with a {adjective} view. Made with {who} in mind.",
    "An invitation to {topic}. {closer} {action}",
    "{Topic}, told in a {adjective} voice for {who}.",
    "Notes on {topic}: short, {adjective} and to the point. {action}",
)
PATTERNS: dict[str, tuple[str, ...]] = {
    "headline": HEADLINES,
    "caption": CAPTIONS,
    "cta": CALLS,
    "description": DESCRIPTIONS,
}

TONES: dict[str, dict[str, tuple[str, ...]]] = {
    "playful": {
        "opener": ("Hello,", "Oh, hi", "Psst,", "Time for", "Hooray for"),
        "verb": ("Play with", "Jump into", "Dance with", "Taste", "Chase"),
        "adjective": ("bright", "bouncy", "cheerful", "sunny", "curious"),
        "closer": ("Just because.", "Smiles included.", "Go on, try it.", "No rules today."),
    },
    "professional": {
        "opener": ("Introducing", "Presenting", "A closer look at", "In focus:", "Discover"),
        "verb": ("Explore", "Understand", "Improve", "Plan", "Shape"),
        "adjective": ("clear", "considered", "reliable", "focused", "thoughtful"),
        "closer": ("Built with care.", "Done properly.", "Worth your time.", "Simply put."),
    },
    "bold": {
        "opener": ("Now:", "Go for", "Own your", "Louder:", "All in on"),
        "verb": ("Own", "Claim", "Push", "Rethink", "Unleash"),
        "adjective": ("fearless", "sharp", "strong", "daring", "vivid"),
        "closer": ("No excuses.", "Your move.", "Start now.", "Nothing less."),
    },
    "calm": {
        "opener": ("Slow down for", "Breathe in", "Settle into", "A quiet moment for", "Simply"),
        "verb": ("Enjoy", "Notice", "Keep", "Savour", "Return to"),
        "adjective": ("gentle", "quiet", "soft", "easy", "warm"),
        "closer": ("Take your time.", "Nothing more needed.", "Stay a while.", "Breathe."),
    },
}
TONE_WORDS = {
    "playful": ("play", "fun", "humor", "humour", "funny", "casual", "friendly", "cheer"),
    "bold": ("bold", "energ", "excit", "urgent", "strong", "power", "confident"),
    "calm": ("calm", "warm", "soft", "elegant", "inspir", "mindful", "poetic", "luxur"),
}

ACTIONS: dict[str, tuple[str, ...]] = {
    "instagram": ("Save it for later.", "Tag a friend.", "Link in bio."),
    "tiktok": ("Follow for more.", "Try it and show us.", "Watch to the end."),
    "facebook": ("Tell us in the comments.", "Share it with a friend."),
    "linkedin": ("What is your view?", "Let us know your experience.", "Read more."),
    "twitter": ("Reply with yours.", "Pass it on."),
    "youtube": ("Watch now.", "Subscribe for more."),
    "pinterest": ("Pin it for later.", "Save the idea."),
}
ANY_ACTION = ("See more.", "Take a look.")

HASHTAG_CAPS = {"instagram": 5, "tiktok": 5, "linkedin": 5, "twitter": 2, "youtube": 3}
