"""Models of segments: what each of them says, with an interval that says how little it may know by itself."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import ibis
import numpy as np
import pandas as pd

from retention_kit.arguments import Arguments
from retention_kit.errors import ConfigError, DataError
from retention_kit.formats import counted
from retention_kit.models.base.columns import Customers, refuse_columns
from retention_kit.models.base.discounting import force_of_interest
from retention_kit.models.base.model import Model
from retention_kit.models.base.rows import unused
from retention_kit.models.futures.drawn_futures import Purchases, Question
from retention_kit.models.futures.forecast import forecast
from retention_kit.models.numerics.arrays import Array
from retention_kit.models.purchases.beta_geometric import BGNBD, MBGNBD
from retention_kit.models.purchases.bgbb import BGBB
from retention_kit.models.purchases.pareto_nbd import ParetoNBD
from retention_kit.models.purchases.purchase_model import PurchaseModel
from retention_kit.models.segments.partial_pooling import Pool
from retention_kit.models.segments.segment_questions import OfSegments
from retention_kit.models.spend.customer_value import Value, with_spent
from retention_kit.models.spend.gamma_gamma import GammaGamma
from retention_kit.models.spend.spend_model import refuse_values
from retention_kit.schema import DAYS_PER_MONTH, UNIT_DAYS

FAMILY: dict[str, type[Model]] = {m.__name__: m for m in (BGNBD, MBGNBD, ParetoNBD, BGBB, GammaGamma)}
"""The models that can be fitted by segment."""


@dataclass(frozen=True)
class SegmentModel:
    """A model whose parameters differ between segments, the small ones of which borrow from the shop.

    `fit_segments` gives it. Segments that it does not know are answered like one about which nothing is known: with the
    parameters between all segments, and an interval as wide as segments differ.

    Attributes
    ----------
    shop : fitted model
        Of everybody together, for comparison.
    by : str
        The column that says which segment a customer is in.
    segments : tuple
        Its values in the fit.
    n : tuple of int
        Customers of each segment; for GammaGamma those with a repeat purchase of positive value.
    pool : Pool
        Where each segment's parameters lie, and how they differ between segments.

    Examples
    --------
    >>> from retention_kit import simulate
    >>> from retention_kit.models import BGNBD, fit_segments
    >>> sizes = {"PL": 900, "TW": 600, "US": 30}
    >>> parts = [
    ...     simulate.bgnbd_customers(n, r=0.5, alpha=a, a=0.8, b=2.5, T=40, seed=i).assign(country=name)
    ...     for i, ((name, n), a) in enumerate(zip(sizes.items(), (6.0, 8.0, 7.0)))
    ... ]
    >>> by_country = fit_segments(BGNBD, pd.concat(parts), by="country")
    >>> by_country.table()["n"].tolist()
    [900, 600, 30]
    """

    shop: Model
    by: str
    segments: tuple[Any, ...]
    n: tuple[int, ...]
    pool: Pool = field(repr=False, compare=False)

    def at(self, segment: Any) -> Any:
        """The model of one segment, with its parameters but without evidence: intervals come from this object.

        Parameters
        ----------
        segment : object
            A value of the column `by`; one that is not known has the parameters between all segments.

        Returns
        -------
        model
            Of the class of `shop`.
        """
        return self.shop.with_parameters(self.pool.best[self._position(segment)])

    def sample(self, segment: Any, n: int = 1000, seed: int = 0) -> pd.DataFrame:
        """Draws of the parameters of one segment.

        Parameters
        ----------
        segment : object
            A value of the column `by`.
        n, seed : int
            Draws, and where they begin.

        Returns
        -------
        DataFrame
            One draw per row.
        """
        drawn = self._draws(n, seed)[:, self._position(segment)]
        return pd.DataFrame(drawn, columns=list(self.shop.process.names))

    def table(self, *, level: float = 0.9, draws: int = 400, seed: int = 0) -> pd.DataFrame:
        """Parameters of each segment with intervals.

        Parameters
        ----------
        level : float
            Of the intervals.
        draws, seed : int
            Of the parameters.

        Returns
        -------
        DataFrame
            By segment: n, each parameter, NAME_low, NAME_high, and own: the share of what is known about it that is its
            own, from 0 (all is borrowed) to 1.
        """
        with Arguments() as check:
            level = check.level("level", level)
        low, high = np.quantile(self._draws(draws, seed)[:, :-1], [(1 - level) / 2, (1 + level) / 2], axis=0)
        precision, best = np.linalg.inv(self.pool.between), self.pool.best
        own = np.trace(np.linalg.solve(self.pool.curvatures + precision, self.pool.curvatures), axis1=1, axis2=2)
        columns: dict[str, Any] = {"n": self.n}
        for i, name in enumerate(self.shop.process.names):
            columns |= {name: best[:-1, i], f"{name}_low": low[:, i], f"{name}_high": high[:, i]}
        columns["own"] = own / len(self.shop.process.names)
        return pd.DataFrame(columns, index=pd.Index(self.segments, name=self.by))

    def between(self) -> pd.DataFrame:
        """How the logarithms of the parameters differ between segments: their covariance matrix Ω."""
        names = list(self.shop.process.names)
        return pd.DataFrame(self.pool.between, index=names, columns=names)

    def forecast(
        self,
        customers: Customers,
        t: float,
        *,
        by: str | Sequence[str] | None = None,
        level: float = 0.9,
        draws: int = 400,
        seed: int = 0,
    ) -> Any:
        """Purchases in the next t, as `forecast` of a model of purchases gives them.

        Parameters
        ----------
        customers : DataFrame or Ibis table
            With frequency, recency, T and the column of segments.
        t : float
            Length of the future, in the model's unit.
        by : str or list of str, optional
            Totals per group of these columns; an empty list is the total of everybody, the sum over all segments.
        level : float
            Of both intervals.
        draws, seed : int
            Of the parameters and futures.

        Returns
        -------
        DataFrame or Ibis table
            expected, expected_low, expected_high, predicted_low, predicted_high; per group also n.
        """
        shop = self._purchases()
        with Arguments() as check:
            t = check.number(f"t (in {shop.unit}s)", t, least=0)
            level = check.level("level", level)
        question = Purchases(shop.process, t)
        best, drawn = self.pool.best, self._draws(draws, seed)
        return self._answer(question, best, drawn, customers, by, level, seed)

    def lifetime_value(
        self,
        spend: SegmentModel,
        customers: Customers,
        *,
        months: float,
        annual_discount_rate: float,
        margin: float = 1.0,
        by: str | Sequence[str] | None = None,
        level: float = 0.9,
        draws: int = 400,
        seed: int = 0,
    ) -> Any:
        """Expected value of purchases in the coming months, as `lifetime_value` gives it.

        Parameters
        ----------
        spend : SegmentModel
            Of GammaGamma, by the same column.
        customers : DataFrame or Ibis table
            With frequency, recency, T, monetary_value and the column of segments.
        months : float
            Horizon.
        annual_discount_rate : float
            0.1 for 10 % a year.
        margin : float
            Share of revenue that is kept.
        by : str or list of str, optional
            Sums per group of these columns; an empty list is the sum over everybody.
        level : float
            Of both intervals.
        draws, seed : int
            Of the parameters and futures.

        Returns
        -------
        DataFrame or Ibis table
            expected, expected_low, expected_high, predicted_low, predicted_high; per group also n.
        """
        shop = self._purchases()
        with Arguments() as check:
            check.instance("spend", spend, SegmentModel, "a SegmentModel of GammaGamma")
            months = check.number("months", months, above=0, endless=True)
            margin = check.number("margin", margin, above=0, most=1)
            rate = check.discount_rate("annual_discount_rate", annual_discount_rate)
            level = check.level("level", level)
        if not isinstance(spend.shop, GammaGamma) or spend.by != self.by:
            raise ConfigError(f"spend must be fit_segments(GammaGamma, customers, by={self.by!r}).")
        refuse_values(customers)
        t = shop.process.horizon(months * DAYS_PER_MONTH / UNIT_DAYS[shop.unit], shop.unit)
        [spent] = unused(customers.columns, 1)
        force = force_of_interest(rate, shop.unit)
        question = Value(shop.process, spend.shop.process, t, force, margin, spent)
        where = [spend._position(segment) for segment in (*self.segments, _Unknown)]
        best = np.hstack([self.pool.best, spend.pool.best[where]])
        drawn = np.concatenate([self._draws(draws, seed), spend._draws(draws, seed + 1)[:, where]], axis=2)
        answer = self._answer(question, best, drawn, with_spent(customers, spent), by, level, seed)
        return answer if isinstance(answer, pd.DataFrame) else answer.drop(spent)

    def to_json(self) -> str:
        """The model as JSON text; customers' rows are not in it.

        Returns
        -------
        str
            What `from_json` reads.
        """
        arrays = {name: getattr(self.pool, name).tolist() for name in _POOL}
        about = {"model": "SegmentModel", "shop": type(self.shop).__name__, "fit": self.shop.to_json(), "by": self.by}
        try:
            return json.dumps({**about, "segments": self.segments, "n": self.n, **arrays}, ensure_ascii=False)
        except TypeError:
            raise ConfigError(f"JSON cannot hold the values of {self.by}; fit with texts or numbers.") from None

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The model that `to_json` wrote.

        Raises
        ------
        ConfigError
            If the text is something else.
        """
        try:
            about = json.loads(text)
            arrays = {name: np.array(about[name], dtype=float) for name in _POOL}
            shop = FAMILY[about["shop"]].from_json(about["fit"])
            return cls(shop, about["by"], tuple(about["segments"]), tuple(about["n"]), Pool(**arrays))
        except (TypeError, ValueError, KeyError):
            raise ConfigError(f"SegmentModel.from_json needs what to_json wrote; got {str(text)[:60]!r}.") from None

    def _draws(self, n: int, seed: int) -> Array:
        with Arguments() as check:
            n, seed = check.whole("draws", n, least=1), check.whole("seed", seed, least=0)
        return self.pool.draws(n, seed)

    def _position(self, segment: Any) -> int:
        """Line of a segment's parameters; the last for one that is not known."""
        return self.segments.index(segment) if segment in self.segments else len(self.segments)

    def _purchases(self) -> PurchaseModel:
        if not isinstance(self.shop, PurchaseModel):
            raise ConfigError(f"{type(self.shop).__name__} knows no purchases; ask a SegmentModel of BGNBD, say.")
        return self.shop

    def _answer(
        self,
        question: Question,
        best: Array,
        drawn: Array,
        customers: Customers,
        by: str | Sequence[str] | None,
        level: float,
        seed: int,
    ) -> Any:
        coded, code = with_code(customers, self.by, self.segments)
        title, unit = f"{type(self.shop).__name__} by {self.by}", self.shop.unit
        answer = forecast(
            OfSegments(question.process, question, code, best.shape[1]),
            best.ravel(),
            drawn.reshape(len(drawn), -1),
            coded,
            title=title,
            unit=unit,
            by=by,
            level=level,
            seed=seed,
        )
        return answer if isinstance(answer, pd.DataFrame) else answer.drop(code)


class _Unknown:
    """A segment that no model knows."""


_POOL = ("peaks", "slopes", "curvatures", "centre", "between", "anchor", "above")


def with_code(customers: Customers, by: str, segments: Sequence[Any]) -> tuple[Customers, str]:
    """The customers with a column more, the position of their segment; the number of segments where it is unknown."""
    refuse_columns(customers, [by], None)
    [code] = unused(customers.columns, 1)
    if isinstance(customers, pd.DataFrame):
        if empty := int(customers[by].isna().sum()):
            raise DataError(f"{by} is empty for {counted(empty, 'customer')}; give them a segment of their own.")
        places = customers[by].astype("object").map({segment: float(i) for i, segment in enumerate(segments)})
        return customers.assign(**{code: places.astype("float64").fillna(float(len(segments)))}), code
    if empty := int(customers[by].isnull().sum().to_pandas()):
        raise DataError(f"{by} is empty for {counted(empty, 'customer')}; give them a segment of their own.")
    places = ibis.cases(
        *((customers[by] == segment, float(i)) for i, segment in enumerate(segments)), else_=float(len(segments))
    )
    return customers.mutate(**{code: places}), code
