"""Any real source becomes a validated table, and nothing is lost on the way.

`orders`, `order_lines`, `subscriptions`, `surveys` and `visits` read a source and return a `Dataset`; `sample` gives
data to try things on, and `quality` small tables on what was read, refused and odd.
"""

from retention_kit.load import quality
from retention_kit.load.dataset import Dataset, Note, Source
from retention_kit.load.one_source.samples import Store, sample
from retention_kit.load.several.parts import Part
from retention_kit.load.tables import order_lines, orders, subscriptions, surveys, visits

__all__ = [
    "Dataset",
    "Note",
    "Part",
    "Source",
    "Store",
    "order_lines",
    "orders",
    "quality",
    "sample",
    "subscriptions",
    "surveys",
    "visits",
]
