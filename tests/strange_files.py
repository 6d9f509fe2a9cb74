"""Exports of shops that no preset knows, in seven languages: headers as shops and people write them, rows invented."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

ROWS = 36
PEOPLE = 11
NAMES = [
    "Ann Ash",
    "Ben Birk",
    "Cid Cole",
    "Dan Dorn",
    "Eva Elm",
    "Fay Fir",
    "Gus Gorse",
    "Hal Hop",
    "Ida Ivy",
    "Jon",
    "Kim Kale",
]


@dataclass(frozen=True)
class Row:
    """One order of the invented shop: a number, who, when, how much."""

    number: int

    @property
    def person(self):
        return self.number * 7 % PEOPLE

    @property
    def moment(self):
        return datetime(2025, 1, 5, 9, 30) + timedelta(days=11 * self.number, minutes=7 * self.number)

    @property
    def cents(self):
        return 1250 + 13790 * (self.number % 9) + 37 * self.number

    @property
    def email(self):
        return f"user{self.person}@shop.example"

    @property
    def name(self):
        return NAMES[self.person]


def money(cents, thousands=",", decimal=".", digits=2):
    text = f"{cents / 100:,.{digits}f}" if digits else f"{cents:,}"
    return text.replace(",", "T").replace(".", decimal).replace("T", thousands)


@dataclass(frozen=True)
class File:
    """A file: headers with what is below them, how it is written, and what should be understood."""

    name: str
    columns: dict
    customer: str
    moment: str
    amount: str
    order: str | None = None
    separator: str = ","
    encoding: str = "utf-8"
    whole: bool = False
    order_of_rows: tuple = tuple(range(ROWS))
    missing: str = ""
    options: dict = field(default_factory=dict)
    currency: str | None = None

    @property
    def rows(self):
        return [Row(number) for number in self.order_of_rows]

    def written(self, folder):
        cells = [list(self.columns)] + [[cell(row) for cell in self.columns.values()] for row in self.rows]
        lines = [self.separator.join(f'"{cell}"' for cell in line) for line in cells]
        path = folder / f"{self.name}.csv"
        path.write_bytes(("\r\n".join(lines) + "\r\n").encode(self.encoding))
        return path

    @property
    def total(self):
        return sum(Decimal(row.cents) for row in self.rows) / (1 if self.whole else 100)


def day(pattern):
    return lambda row: row.moment.strftime(pattern)


def text(*values):
    return lambda row: values[row.number % len(values)]


POLISH = {"decimal": ",", "thousands": "\u00a0"}
GERMAN = {"decimal": ",", "thousands": "."}

FILES = [
    File(
        "en_club",
        {
            "Order #": lambda r: f"W-{7000 + r.number}",
            "Placed On": day("%Y-%m-%d %H:%M"),
            "Client E-mail": lambda r: r.email,
            "Sub-total": lambda r: money(r.cents - 100),
            "Order Total": lambda r: money(r.cents),
            "Order Status": text("Completed", "Completed", "Cancelled"),
            "Ship Date": day("%Y-%m-%d"),
        },
        "Client E-mail",
        "Placed On",
        "Order Total",
        "Order #",
    ),
    File(
        "en_camel",
        {
            "orderNumber": lambda r: 5000 + r.number,
            "createdAt": day("%Y-%m-%dT%H:%M:%SZ"),
            "updatedAt": day("%Y-%m-%dT%H:%M:%SZ"),
            "customerId": lambda r: f"C{r.person:04d}",
            "itemCount": lambda r: r.number % 4 + 1,
            "totalPrice": lambda r: f"{r.cents / 100:.2f}",
            "paymentMethod": text("card", "cash"),
        },
        "customerId",
        "createdAt",
        "totalPrice",
        "orderNumber",
    ),
    File(
        "en_us_dates_in_order",
        {
            "Sale Date": day("%m/%d/%Y"),
            "Member No.": lambda r: 40000 + r.person,
            "Amount Paid": lambda r: f"${money(r.cents)}",
            "Tax": lambda r: f"${money(r.cents // 10)}",
            "Store": text("North", "South"),
        },
        "Member No.",
        "Sale Date",
        "Amount Paid",
    ),
    File(
        "en_db",
        {
            "cust_id": lambda r: 900 + r.person,
            "ord_dt": day("%Y%m%d"),
            "txn_amt": lambda r: f"{r.cents / 100:.2f}",
            "ship_amt": text("4.95", "0.00"),
            "ord_no": lambda r: 77000 + r.number,
        },
        "cust_id",
        "ord_dt",
        "txn_amt",
        "ord_no",
    ),
    File(
        "en_one_time_ambiguous",
        {
            "Date": lambda r: f"{r.number % 9 + 1:02d}/{r.number * 5 % 12 + 1:02d}/2025",
            "Customer": lambda r: r.name,
            "Total": lambda r: money(r.cents),
        },
        "Customer",
        "Date",
        "Total",
        missing="day_first",
    ),
    File(
        "en_nobody",
        {
            "Receipt": lambda r: 100 + r.number,
            "When": day("%d %b %Y"),
            "Till": text("1", "2"),
            "Badge": lambda r: f"{r.person:03d}",
            "Total": lambda r: money(r.cents),
        },
        "",
        "When",
        "Total",
        "Receipt",
        missing="customer_id",
    ),
    File(
        "de_plain",
        {"Kunde": lambda r: f"K-{r.person}", "Datum": day("%d.%m.%Y"), "Betrag": lambda r: money(r.cents, **GERMAN)},
        "Kunde",
        "Datum",
        "Betrag",
        separator=";",
    ),
    File(
        "de_shop",
        {
            "Bestellnummer": lambda r: f"B{1000 + r.number}",
            "Bestelldatum": day("%d.%m.%Y %H:%M"),
            "Kundennummer": lambda r: 20000 + r.person,
            "Kundenname": lambda r: r.name,
            "Versandkosten": text("4,90", "0,00"),
            "Gesamtbetrag (EUR)": lambda r: money(r.cents, **GERMAN),
            "Bestellstatus": text("abgeschlossen", "storniert"),
            "Lieferdatum": day("%d.%m.%Y"),
        },
        "Kundennummer",
        "Bestelldatum",
        "Gesamtbetrag (EUR)",
        "Bestellnummer",
        separator=";",
        encoding="cp1252",
        currency="EUR",
    ),
    File(
        "de_bill",
        {
            "Rechnungsnr.": lambda r: f"2025-{r.number:04d}",
            "Rechnungsdatum": day("%d.%m.%y"),
            "Fällig am": day("%d.%m.%y"),
            "E-Mail-Adresse": lambda r: r.email,
            "Netto": lambda r: money(r.cents * 100 // 119, **GERMAN),
            "MwSt.": lambda r: money(r.cents - r.cents * 100 // 119, **GERMAN),
            "Brutto": lambda r: f"{money(r.cents, **GERMAN)} €",
        },
        "E-Mail-Adresse",
        "Rechnungsdatum",
        "Brutto",
        "Rechnungsnr.",
        separator=";",
        currency="EUR",
    ),
    File(
        "de_slashes",
        {
            "Käufer": lambda r: r.name,
            "Kaufdatum": lambda r: f"{r.number % 12 + 1:02d}/{r.number * 5 % 12 + 1:02d}/2025",
            "Summe": lambda r: money(r.cents, **GERMAN),
            "Währung": text("EUR"),
        },
        "Käufer",
        "Kaufdatum",
        "Summe",
        separator=";",
        encoding="cp1252",
        options={"day_first": True},
    ),
    File(
        "fr_shop",
        {
            "N° Commande": lambda r: f"CMD-{r.number:03d}",
            "Date commande": day("%d/%m/%Y %H:%M"),
            "Nom client": lambda r: r.name,
            "Email client": lambda r: r.email,
            "Frais de port": text("4,90", "0,00"),
            "Total (€)": lambda r: money(r.cents, thousands="\u202f", decimal=","),
            "Statut": text("Livrée", "Annulée", "Livrée"),
            "Date livraison": day("%d/%m/%Y"),
        },
        "Email client",
        "Date commande",
        "Total (€)",
        "N° Commande",
        separator=";",
        currency="EUR",
    ),
    File(
        "fr_ttc",
        {
            "Référence": lambda r: f"R{r.number}",
            "Date d'achat": day("%Y-%m-%d"),
            "Acheteur": lambda r: f"ach{r.person}",
            "Montant HT": lambda r: money(r.cents * 100 // 120, decimal=",", thousands=""),
            "Montant TTC": lambda r: money(r.cents, decimal=",", thousands=""),
        },
        "Acheteur",
        "Date d'achat",
        "Montant TTC",
        "Référence",
        separator=";",
        encoding="cp1252",
    ),
    File(
        "es_shop",
        {
            "Nº Pedido": lambda r: 300 + r.number,
            "Fecha": day("%d/%m/%Y"),
            "Cliente": lambda r: r.name,
            "Correo electrónico": lambda r: r.email,
            "Gastos de envío": text("3,00"),
            "Total": lambda r: f"{money(r.cents, **GERMAN)} €",
            "Estado": text("Entregado", "Cancelado"),
        },
        "Correo electrónico",
        "Fecha",
        "Total",
        "Nº Pedido",
        separator=";",
        currency="EUR",
    ),
    File(
        "es_mx",
        {
            "Folio": lambda r: 1 + r.number,
            "Fecha de compra": day("%d-%m-%Y %H:%M"),
            "No. de cliente": lambda r: f"{r.person + 1:05d}",
            "Importe": lambda r: money(r.cents),
            "Descuento": text("0.00"),
            "Sucursal": text("Centro", "Norte"),
        },
        "No. de cliente",
        "Fecha de compra",
        "Importe",
        encoding="cp1252",
    ),
    File(
        "pl_shop",
        {
            "Nr zamówienia": lambda r: f"ZAM/{r.number}/2025",
            "Data złożenia": day("%d.%m.%Y %H:%M"),
            "E-mail klienta": lambda r: r.email.title() if r.number % 4 == 0 else r.email,
            "Koszt dostawy": text("12,99"),
            "Wartość zamówienia": lambda r: f"{money(r.cents, **POLISH)} zł",
            "Status": text("zrealizowane", "zrealizowane", "anulowane"),
        },
        "E-mail klienta",
        "Data złożenia",
        "Wartość zamówienia",
        "Nr zamówienia",
        separator=";",
        encoding="cp1250",
        currency="PLN",
    ),
    File(
        "pl_plain",
        {
            "Klient": lambda r: r.name,
            "Data zamówienia": day("%Y-%m-%d"),
            "Kwota": lambda r: money(r.cents, thousands="", decimal=","),
        },
        "Klient",
        "Data zamówienia",
        "Kwota",
        separator=";",
        encoding="cp1250",
    ),
    File(
        "pl_auction",
        {
            "Kupujący": lambda r: f"login_{r.person}",
            "Data zakupu": day("%Y-%m-%d %H:%M:%S"),
            "Data wysyłki": day("%Y-%m-%d"),
            "Ilość": lambda r: r.number % 3 + 1,
            "Cena jednostkowa": text("9,99"),
            "Razem brutto (PLN)": lambda r: money(r.cents, thousands="", decimal=","),
            "Sposób płatności": text("blik", "karta"),
        },
        "Kupujący",
        "Data zakupu",
        "Razem brutto (PLN)",
        separator="\t",
        currency="PLN",
    ),
    File(
        "pl_till",
        {
            "Nr paragonu": lambda r: 1 + r.number,
            "Data i godzina": day("%d-%m-%Y %H:%M"),
            "Numer karty klienta": lambda r: f"29{r.person:04d}",
            "Do zapłaty": lambda r: money(r.cents, thousands=" ", decimal=","),
            "Rabat": text("0,00", "5,00"),
        },
        "Numer karty klienta",
        "Data i godzina",
        "Do zapłaty",
        "Nr paragonu",
        separator=";",
    ),
    File(
        "zh_plain",
        {"會員": lambda r: f"M{r.person:03d}", "訂購日期": day("%Y/%m/%d"), "金額": lambda r: f"{r.cents:,}"},
        "會員",
        "訂購日期",
        "金額",
        encoding="cp950",
        whole=True,
    ),
    File(
        "zh_shop",
        {
            "訂單編號": lambda r: f"TW{20250000 + r.number}",
            "訂單成立時間": day("%Y-%m-%d %H:%M:%S"),
            "購買人": lambda r: NAMES[r.person],
            "會員編號": lambda r: f"A{r.person:05d}",
            "運費": text("60", "0"),
            "訂單總金額": lambda r: f"NT${r.cents:,}",
            "訂單狀態": text("已完成", "已取消"),
            "出貨日期": day("%Y-%m-%d"),
        },
        "會員編號",
        "訂單成立時間",
        "訂單總金額",
        "訂單編號",
        whole=True,
        currency="TWD",
    ),
    File(
        "zh_mail",
        {
            "下單時間": day("%Y年%m月%d日"),
            "電子信箱": lambda r: r.email,
            "商品小計": lambda r: r.cents - 60,
            "實付金額": lambda r: r.cents,
            "付款方式": text("信用卡", "貨到付款"),
        },
        "電子信箱",
        "下單時間",
        "實付金額",
        encoding="cp950",
        whole=True,
    ),
    File(
        "ja_plain",
        {
            "注文日時": day("%Y/%m/%d %H:%M"),
            "お客様ID": lambda r: f"c{r.person:04d}",
            "合計金額": lambda r: f"{r.cents:,}",
        },
        "お客様ID",
        "注文日時",
        "合計金額",
        encoding="cp932",
        whole=True,
    ),
    File(
        "ja_shop",
        {
            "注文番号": lambda r: f"JP-{r.number:05d}",
            "注文日": day("%Y年%m月%d日"),
            "注文者名": lambda r: NAMES[r.person],
            "注文者メールアドレス": lambda r: r.email,
            "送料": text("500", "0"),
            "小計": lambda r: f"{r.cents - 500:,}",
            "ご請求金額（税込）": lambda r: f"{r.cents:,}円",
            "対応状況": text("発送済み", "キャンセル"),
            "お届け予定日": day("%Y年%m月%d日"),
        },
        "注文者メールアドレス",
        "注文日",
        "ご請求金額（税込）",
        "注文番号",
        encoding="cp932",
        whole=True,
        currency="JPY",
    ),
    File(
        "ja_till",
        {
            "取引日時": day("%Y-%m-%d %H:%M:%S"),
            "会員番号": lambda r: f"{r.person + 1:08d}",
            "数量": lambda r: r.number % 5 + 1,
            "値引": text("0", "100"),
            "合計": lambda r: f"¥{r.cents:,}",
            "店舗": text("渋谷", "新宿"),
        },
        "会員番号",
        "取引日時",
        "合計",
        whole=True,
        currency="JPY",
    ),
]
