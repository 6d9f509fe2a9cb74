"""Comments of customers on their score, in their own language."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from retention_kit.simulate.survey_waves import nps_group

REMARKS: Final = {
    ("PL", "promoter"): ("Świetna kawa, polecam!", "Szybka dostawa i zero plastiku.", "Zawsze świeże."),
    ("PL", "passive"): ("W porządku, ale przesyłka droga.", "Dobra herbata, mały wybór."),
    ("PL", "detractor"): ("Paczka przyszła uszkodzona.", "Za drogo.", "Nikt nie odpisuje."),
    ("PL", "incident"): ("Aplikacja gubi koszyk!", "Po aktualizacji nie da się zapłacić w aplikacji."),
    ("TW", "promoter"): ("咖啡豆很新鮮,會再回購!", "包裝環保,推薦給朋友。", "出貨很快。"),
    ("TW", "passive"): ("還不錯,運費有點高。", "品質可以,選擇不多。"),
    ("TW", "detractor"): ("包裹破損。", "價格太高。", "客服沒有回覆。"),
    ("TW", "incident"): ("App 更新後購物車一直清空。", "App 無法結帳!"),
    ("US", "promoter"): ("Best oats I ever had.", "No plastic, fast, lovely.", "Told all my friends."),
    ("US", "passive"): ("Good, but shipping is pricey.", "Nice tea, small choice."),
    ("US", "detractor"): ("Box arrived damaged.", "Too expensive.", "Support never wrote back."),
    ("US", "incident"): ("The app lost my basket, twice.", "Can't check out in the app since the update."),
}


def remarks(
    country: pd.Series, of_ten: np.ndarray, incident: np.ndarray, written: np.ndarray, pick: np.ndarray
) -> pd.Series:
    """A comment for each answer that has one, missing otherwise; `of_ten` is the score on a scale of ten."""
    mood = np.where(incident & (of_ten <= 6), "incident", nps_group(of_ten))
    texts = pd.Series(None, index=country.index, dtype="str")
    for (where, how), choice in REMARKS.items():
        here = (country == where).to_numpy() & (mood == how) & written
        texts[here] = np.array(choice)[(pick[here] * len(choice)).astype(int)]
    return texts
