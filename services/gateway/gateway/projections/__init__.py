"""What the gateway keeps of the bus: each person's feed."""

from gateway.projections.feed import Feed, FeedRow, feed_after, feed_bounds, heads_of, sweep

__all__ = ["Feed", "FeedRow", "feed_after", "feed_bounds", "heads_of", "sweep"]
