"""Words by which a column marks rows that are not sales: English, German, French, Spanish, Polish, Chinese, Japanese.

They are beginnings of words, as regular expressions in lower case that Python and every engine read alike.
"""

from __future__ import annotations

from typing import Final


def _any(*alternatives: str) -> str:
    return "|".join(alternatives)


STATUS: Final = _any(
    "status", "statut", "state", "état", "etat", "estado", "situaci", "zustand", "stan", "狀態", "状态", "状態", "状況",
    "ステータス",
)  # fmt: skip
"""Words in the header of a status."""

OF_A_SALE: Final = _any(
    "order", "payment", "financial", "transaction", "sale", "purchase", "invoice", "charge", "the",
    "bestell", "zahlung", "auftrag", "rechnung", "transaktion", "kauf", "bezahl",
    "commande", "paiement", "facture", "achat", "de la", "du", "des",
    "pedido", "pago", "compra", "factura", "transacci[oó]n", "del?",
    "zam[oó]wieni", "p[lł]atno[sś]ci", "transakcji", "faktury",
    "訂單", "付款", "交易", "支付", "注文", "決済", "支払", "入金",
)  # fmt: skip
"""Words in the header of a status of orders or payments."""

REFUNDED: Final = _any(
    "refund", "returned", "chargeback", "charged back", "reversed", "reversal",
    "r(ü|ue)ckerstatt", "erstattet", "erstattung", "zur(ü|ue)ck(gegeben|gesandt|gesendet|gezahlt|gebucht)", "retoure",
    "rembours", "retourné", "reembols", "devuelt", "devoluci", "zwrot", "zwróc", "zwroc",
    "退款", "退貨", "退货", "返金", "返品",
)  # fmt: skip
"""Values: money was given back."""

CANCELLED: Final = _any(
    "cancel", "void", "storn", "annul", "anulad", "anulow", "anulac", "取消", "作廢", "作废", "キャンセル",
)  # fmt: skip
"""Values: the sale was called off."""

NEVER_PAID: Final = _any(
    "fail", "declin", "reject", "denied", "expired", "pending", "on[ -]?hold", "unpaid", "not ", "non ", "draft",
    "abandon", "disput", "fraud", "incomplete", "await", "waiting", "error", "unsuccess",
    "fehlgeschlagen", "abgelehnt", "abgebrochen", "ausstehend", "unbezahlt", "nicht ", "wartend", "entwurf", "offen",
    "widerruf", "échou", "échec", "echec", "refus", "rejet", "attente", "impay", "brouillon", "abandonn",
    "fallid", "rechazad", "denegad", "pendiente", "en espera", "borrador", "impagad", "no pagad", "caducad",
    "odrzuc", "nieudan", "oczekuj", "wstrzyman", "nieop[łl]ac", "niezap[łl]ac", "szkic", "b[łl][ąa]d", "przeterminow",
    "失敗", "失败", "待付", "待處理", "未付", "未成", "保留", "拒", "草稿", "過期",
    "未払", "未入金", "未決済", "下書き", "支払い?待ち", "入金待ち", "エラー", "期限切れ",
)  # fmt: skip
"""Values: the sale did not happen, or has not happened yet."""

TEST: Final = _any(
    "(^|[^a-z])tests?([^a-z]|$)", "testmod", "testbestell", "testowe", "livemode", "live mode", "sandbox", "prueba",
    "測試", "测试", "テスト",
)  # fmt: skip
"""Values: somebody tested the shop."""

GIFT_CARD: Final = _any(
    "gift[ -]?(card|certificate|voucher)", "geschenk(karte|gutschein)", "carte[s]?[ -]cadeau",
    "ch[eè]que[s]?[ -]cadeau",
    "tarjeta[s]? (de )?regalo", "kart[aęy] (podarunkow|upominkow)", "bon podarunkow", "禮品卡", "禮物卡", "礼品卡",
    "ギフトカード", "ギフト券", "商品券",
)  # fmt: skip
"""Values: paid with a gift card, or the sale of one."""

COUNTS: Final = _any(
    "paid", "complete", "success", "succe", "fulfil", "ship", "deliver", "done", "ok", "process", "approv", "settled",
    "captur", "confirm", "active", "closed", "accept", "finish", "sold", "received",
    "bezahlt", "abgeschlossen", "versan[dt]", "versendet", "geliefert", "erledigt", "in bearbeitung", "genehmigt",
    "bestätigt", "zugestellt", "fertig", "erfolgreich",
    "pay[ée]", "termin[ée]", "exp[ée]di", "livr[ée]", "en cours", "valid[ée]", "r[ée]ussi", "confirm[ée]",
    "pagad", "completad", "enviad", "entregad", "procesa", "en proceso", "aprobad", "confirmad", "exitos", "acepta",
    "op[łl]acon", "zap[łl]acon", "zrealizow", "uko[ńn]cz", "wys[łl]an", "dostarcz", "w trakcie", "przetwarz",
    "zako[ńn]cz",
    "potwierdz", "已付", "完成", "出貨", "出货", "送達", "已收", "成功", "處理中", "確認", "交付",
    "支払い?済", "入金済", "決済済", "完了", "発送", "配達", "配送", "処理", "確認済",
)  # fmt: skip
"""Values: the row is a sale, as far as no other column contradicts."""

NOTHING: Final = (
    "",
    "0",
    "no",
    "false",
    "f",
    "n",
    "off",
    "-",
    "--",
    "nein",
    "non",
    "nie",
    "否",
    "無",
    "无",
    "いいえ",
    "なし",
)
"""Cells that mean 'no' under a header such as Refunded; amounts of zero are recognised by their digits."""

UNLIKE: Final = _any(
    "able", "policy", "deadline", "until", "ab[ _-]?test", "test[ _-]?(group|variant|cell|result|id|name)"
)
"""Words in headers that mean something else: refundable, cancellation policy, test group."""

PAYMENT: Final = _any(
    "payment", "gateway", "processor", "provider", "tender", "zahlungs(art|methode|weise|mittel)", "bezahlart",
    "(mode|moyen|m[ée]thode) de paiement", "(m[ée]todo|forma) de pago", "(metoda|spos[óo]b|forma) p[łl]atno",
    "付款方式", "支付方式", "付款方法", "支払い?方法", "決済方法",
)  # fmt: skip
"""Words in the header of the method of payment."""

PRODUCT: Final = _any(
    "product", "item", "sku", "artikel", "produkt", "produit", "article", "producto", "art[íi]culo", "towar",
    "品名", "商品", "產品", "产品",
)  # fmt: skip
"""Words in the header of a product."""

TEST_GATEWAY: Final = _any(
    "bogus", "for testing", "sandbox", "dummy", "test[ _-]?(gateway|mode|payment|card|zahlung)", "^test$"
)
"""Methods of payment that move no money."""
