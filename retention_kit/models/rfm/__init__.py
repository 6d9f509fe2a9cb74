"""RFM: tie-safe scores, total segment maps, movement between dates."""

from retention_kit.models.rfm.movement import fallers, migrate, migration_matrix
from retention_kit.models.rfm.scores import CutPoints, cut_points, score
from retention_kit.models.rfm.segments import Rule, SegmentMap, eleven_segments, segment, ten_segments
from retention_kit.models.rfm.totals import by_segment, grid
from retention_kit.models.rfm.value_at_risk import at_risk, value_at_stake

__all__ = [
    "CutPoints",
    "Rule",
    "SegmentMap",
    "at_risk",
    "by_segment",
    "cut_points",
    "eleven_segments",
    "fallers",
    "grid",
    "migrate",
    "migration_matrix",
    "score",
    "segment",
    "ten_segments",
    "value_at_stake",
]
