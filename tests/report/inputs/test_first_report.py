"""`init` understands exports that it has never seen: which column is what, and what is missing where it cannot know."""

import warnings
from pathlib import Path

import pandas as pd
import pytest
from strange_files import FILES, PEOPLE, ROWS, money

from retention_kit import load, report
from retention_kit.advice import COMMAND
from retention_kit.errors import DataError, RetentionKitWarning
from retention_kit.report import read_config
from retention_kit.report.inputs.first_report import descriptions
from retention_kit.report.inputs.first_report.scaffold import looked_at, write

EXPORTS = Path(__file__).parents[2] / "fixtures" / "exports"
READABLE = [file for file in FILES if not file.missing]


def loaded(path):
    """The orders through a report.toml, as the report reads them."""
    config = read_config(path)
    source = config.sources["orders"]
    options = {"timezone": config.timezone, "currency": config.currency, "preset": source.preset, **source.options}
    return load.orders(source.where, columns=dict(source.columns) or None, **options)


def understood(file, folder):
    (look,) = looked_at([file.written(folder)])
    return look, write([look], folder / "report.toml")


def test_there_are_files_in_seven_languages_and_other_encodings():
    assert len(FILES) >= 20
    assert {file.name[:2] for file in FILES} == {"en", "de", "fr", "es", "pl", "zh", "ja"}
    assert {"cp1250", "cp1252", "cp950", "cp932"} <= {file.encoding for file in FILES}


@pytest.mark.parametrize("file", READABLE, ids=lambda file: file.name)
def test_the_written_file_reads_every_order_to_the_cent_and_to_the_customer(file, tmp_path):
    look, path = understood(file, tmp_path)
    assert look.missing == ""
    found = {name: look.columns.get(name) for name in ("customer_id", "ordered_at", "amount", "order_id")}
    assert found == {
        "customer_id": file.customer,
        "ordered_at": file.moment,
        "amount": file.amount,
        "order_id": file.order,
    }
    data = loaded(path)
    frame = data.to_pandas()
    assert len(frame) == ROWS
    assert round(frame["amount"].sum(), 2) == float(file.total)
    assert frame["customer_id"].str.lower().nunique() == PEOPLE
    days = pd.to_datetime(frame["ordered_at"]).dt.normalize()
    if not file.options:
        assert sorted(days) == [pd.Timestamp(row.moment).normalize() for row in file.rows]
    assert {name: look.options.get(name) for name in file.options} == file.options
    assert file.currency in (None, data.currency)


@pytest.mark.parametrize("file", [file for file in FILES if file.missing], ids=lambda file: file.name)
def test_where_something_is_missing_it_is_named_with_lines_to_choose_from(file, tmp_path):
    path = understood(file, tmp_path)[1]
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("# MISSING: ")
    choices = [line for line in lines if line.startswith(f"# {file.missing} = ")]
    assert len(choices) >= 2
    with pytest.raises(DataError):
        loaded(path)
    for choice in choices:
        path.write_text("\n".join(choice[2:] if line == choice else line for line in lines), encoding="utf-8")
        assert len(loaded(path).to_pandas()) == ROWS, choice


def test_a_choice_says_what_it_makes_of_an_example(tmp_path):
    (file,) = [file for file in FILES if file.name == "en_one_time_ambiguous"]
    text = understood(file, tmp_path)[1].read_text(encoding="utf-8")
    assert "# day_first = true   # 02/06/2025 is 2 June 2025" in text
    assert "# day_first = false   # 02/06/2025 is 6 February 2025" in text


def test_an_example_of_a_column_shows_nobodys_name(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("When,X1,Total\n2025-01-02,Ann Ash,3.50\n2025-01-03,Ben Birk,4.50\n", encoding="utf-8")
    text = write(looked_at([path]), tmp_path / "report.toml").read_text(encoding="utf-8")
    assert '# customer_id = "X1"   # who bought? such as An…' in text
    assert "Ann Ash" not in text


@pytest.mark.parametrize(
    ("rows", "day_first"),
    [
        (["03/04/2025", "05/04/2025", "02/05/2025", "09/06/2025", "01/07/2025"], True),
        (["01/07/2025", "09/06/2025", "02/05/2025", "05/04/2025", "03/04/2025"], True),
        (["04/03/2025", "04/05/2025", "05/02/2025", "06/09/2025", "07/01/2025"], False),
        (["03/04/2025", "01/02/2025", "09/08/2025", "02/01/2025", "05/11/2025"], None),
    ],
)
def test_rows_in_order_of_time_tell_the_day_from_the_month(tmp_path, rows, day_first):
    path = tmp_path / "a.csv"
    path.write_text("Customer,Date,Total\n" + "".join(f"c{i},{day},{i}.50\n" for i, day in enumerate(rows)))
    (look,) = looked_at([path])
    assert look.options.get("day_first") is day_first
    assert bool(look.missing) is (day_first is None)


@pytest.mark.parametrize(
    ("headers", "amounts", "decimal", "total"),
    [
        ("Customer,Date,Total", ["1,250", "2,980", "3,100"], None, None),
        ("Customer,Date,Total (USD)", ["1,250", "2,980", "3,100"], ".", 7330),
        ("Customer,Date,Total (KWD)", ["1.250", "2.980", "3.100"], None, 7.33),
        ("Customer,Date,Total", ["1,250", "980", "700", "650", "2,100"], ".", 5680),
        ("Customer,Date,Total", ["1.250", "980", "700", "650", "2.100"], ",", 5680),
        ("Kunde,Datum,Betrag", ["1.250", "2.980", "3.100"], ",", 7330),
        ("Kunde,Datum,Betrag", ["1,250", "2,980", "3,100"], None, None),
        ("Customer,Date,Total", ["¥1,250", "¥2,980", "¥3,100"], None, 7330),
        ("顧客,日付,金額", ["¥1,250", "¥2,980", "¥3,100"], None, 7330),
    ],
)
def test_thousands_are_told_from_decimals_by_the_file_or_asked_for(tmp_path, headers, amounts, decimal, total):
    path = tmp_path / "a.csv"
    lines = [f'c{i},2025-01-{i + 1:02d},"{amount}"' for i, amount in enumerate(amounts)]
    path.write_text("\n".join([headers, *lines]) + "\n", encoding="utf-8")
    (look,) = looked_at([path])
    assert look.options.get("decimal") == decimal
    assert (None if look.data is None else round(look.data.to_pandas()["amount"].sum(), 2)) == total
    assert bool(look.missing) is (total is None)


def test_what_was_understood_is_said_in_plain_words(tmp_path):
    (file,) = [file for file in FILES if file.name == "pl_shop"]
    (look,) = looked_at([file.written(tmp_path)])
    words = descriptions.sentences(look, COMMAND)
    assert words[:2] == ("orders", "36 rows: 36 kept, 0 refused")
    assert "E-mail klienta → customer" in words
    assert "Wartość zamówienia → amount" in words
    about_status = [line for line in words if line.startswith("Status ")]
    assert len(about_status) == 1, about_status
    assert about_status[0].startswith("Status holds 'zrealizowane' 67%, 'anulowane' 33%. This is not read")


def test_options_that_are_named_go_before_what_is_found(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(
        "Customer,E-mail,Date,Total\n"
        + "".join(f"c{i % 3},u{i}@shop.example,0{i % 9 + 1}/02/2025,{i}.50\n" for i in range(9))
    )
    (look,) = looked_at(
        [path], day_first=False, columns={"customer_id": "E-mail"}, timezone="Europe/Paris", currency="EUR"
    )
    written = write([look], tmp_path / "report.toml", timezone="Europe/Paris", day_first=False)
    config = read_config(written)
    assert (config.timezone, config.currency) == ("Europe/Paris", "EUR")
    assert config.sources["orders"].options == {"day_first": False}
    assert config.sources["orders"].columns["customer_id"] == "E-mail"


@pytest.mark.parametrize("content", ["", "Customer,Date,Total\n", "Customer,Date,Total\n,,\n"])
def test_a_file_without_rows_is_refused_and_nothing_is_written(tmp_path, content):
    path = tmp_path / "a.csv"
    path.write_text(content)
    with pytest.raises(DataError, match=r"a\.csv (is empty|holds headers but no rows)"):
        report.init(path, path=tmp_path / "report.toml")
    assert not (tmp_path / "report.toml").exists()


def test_a_file_that_is_no_table_is_refused(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"%PDF-1.7 ...")
    with pytest.raises(DataError, match="it holds a PDF document"):
        report.init(path, path=tmp_path / "report.toml")


@pytest.mark.parametrize("name", ["ja_shop", "pl_shop"])
def test_a_report_is_made_from_what_init_wrote(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (file,) = [file for file in FILES if file.name == name]
    report.init(file.written(tmp_path))
    from dataclasses import replace

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RetentionKitWarning)
        (month,) = report.run(replace(read_config("report.toml"), only=["overview"]), months="2025-12")
    assert month.failures == {}
    assert money(1) == "0.01"


@pytest.mark.parametrize(
    ("headers", "goods", "total"),
    [
        ("受注番号,受注日時,メールアドレス,{goods},送料,{total}", "商品合計", "総合計金額"),
        ("Bestellnummer,Bestelldatum,Kundennummer,{goods},Versandkosten,{total}", "Warenwert", "Zahlbetrag"),
        ("Order Number,Order Date,Customer Email,{goods},Shipping,{total}", "Goods Total", "Order Total"),
        ("Nr zamówienia,Data złożenia,E-mail klienta,{goods},Koszt dostawy,{total}", "Wartość produktów", "Razem"),
    ],
)
def test_the_total_of_an_order_is_taken_and_not_that_of_its_goods(tmp_path, headers, goods, total):
    rows = [f"{n},2025-03-{10 + n:02} 10:00:00,p{n % 5}@example.org,{20 + n}.50,5.00,{25 + n}.50" for n in range(20)]
    path = tmp_path / "shop.csv"
    path.write_text("\n".join([headers.format(goods=goods, total=total), *rows]), encoding="utf-8")
    (look,) = looked_at([path])
    assert look.columns["amount"] == total
    alone = tmp_path / "goods.csv"
    alone.write_text("\n".join([headers.format(goods=goods, total="x"), *rows]), encoding="utf-8")
    (look,) = looked_at([alone])
    assert look.columns["amount"] == goods


def test_a_date_that_cannot_be_read_is_named_and_can_be_chosen(tmp_path):
    path = tmp_path / "members.csv"
    rows = [f"M{n % 5},令和7年3月{10 + n:02}日,{200 + n}" for n in range(12)]
    path.write_text("\n".join(["會員編號,消費日期,消費金額", *rows]), encoding="utf-8")
    (look,) = looked_at([path])
    assert look.missing == "which column says when. 消費日期 holds '令和7年3月10日', which cannot be read as a date."
    assert [column.header for column in look.possible["ordered_at"]] == ["消費日期"]
    assert '# ordered_at = "消費日期"' in write([look], tmp_path / "report.toml").read_text(encoding="utf-8")


def test_a_folder_of_several_vendors_is_read_by_the_preset_of_each_file(tmp_path):
    folder = tmp_path / "exports"
    folder.mkdir()
    for name in ("shopify_orders.csv", "paypal.en.csv"):
        text = (EXPORTS / name).read_text(encoding="utf-8")
        (folder / name).write_text(text.replace('"USD"', '"EUR"'), encoding="utf-8")
    (look,) = looked_at([folder])
    assert look.missing == ""
    path = write([look], tmp_path / "report.toml")
    assert "\npreset =" not in path.read_text(encoding="utf-8")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RetentionKitWarning)
        rows = loaded(path).to_pandas()
    assert set(rows["source"]) == {"shopify", "paypal"}
    assert len(rows) == look.data.source.rows_kept


def test_a_fault_without_lines_to_choose_from_is_not_called_a_choice(tmp_path):
    folder = tmp_path / "exports"
    folder.mkdir()
    for name in ("shopify_orders.csv", "paypal.en.csv"):
        (folder / name).write_bytes((EXPORTS / name).read_bytes())
    (look,) = looked_at([folder])
    assert look.missing.startswith("amounts are in USD (paypal), EUR (shopify)")
    assert not look.choices
    first = write([look], tmp_path / "report.toml").read_text(encoding="utf-8").splitlines()[:2]
    assert first[1] == "# Repair this, then make the report."


@pytest.mark.parametrize("pattern", ["{year}/03/{day:02}", "民國{year}年3月{day}日", "{year}-3-{day}"])
def test_years_counted_from_1911_are_read_and_said(tmp_path, pattern):
    path = tmp_path / "members.csv"
    rows = [f"M{n % 5},{pattern.format(year=114, day=10 + n)},{200 + n}" for n in range(12)]
    path.write_text("\n".join(["會員編號,消費日期,消費金額", *rows]), encoding="utf-8")
    (look,) = looked_at([path])
    assert look.missing == ""
    assert look.data.to_pandas()["ordered_at"].min() == pd.Timestamp("2025-03-10")
    said = "ordered_at: years of three digits are counted from 1911, as in Taiwan: 114 is 2025"
    assert said in descriptions.sentences(look, COMMAND)


OF_OTHER_TABLES = [
    ("subscriptions", "Vertragsnummer;Kundennummer;Beginn;Ende;Monatspreis;Tarif", "V1;K1;01.01.2025;;9,90;Basis"),
    ("subscriptions", "Numéro d'abonnement;Client;Début;Fin;Prix mensuel;Formule", "V1;K1;13/01/2025;;9,90;Basis"),
    ("subscriptions", "Nº de contrato;Cliente;Fecha de alta;Fecha de baja;Cuota mensual", "V1;K1;13/01/2025;;9,90"),
    ("subscriptions", "Nr umowy;Klient;Data rozpoczęcia;Data zakończenia;Opłata miesięczna", "V1;K1;13.01.2025;;9,90"),
    ("subscriptions", "訂閱編號;會員編號;開始日期;結束日期;月費", "V1;K1;2025/01/13;;99"),
    ("subscriptions", "契約番号;会員番号;契約開始日;契約終了日;月額料金", "V1;K1;2025/01/13;;990"),
    ("subscriptions", "Contract No.;Member ID;Valid from;Valid until;Monthly fee", "V1;K1;2025-01-13;;9.90"),
    ("surveys", "Zeitstempel;Kundennummer;NPS;Kommentar", "13.05.2025 10:00;K1;9;gut"),
    ("surveys", "Horodateur;Courriel;Note de recommandation NPS;Commentaire", "13/05/2025 10:00;K1;9;bien"),
    ("surveys", "Fecha de respuesta;Cliente;Puntuación;Comentario", "13/05/2025 10:00;K1;9;bien"),
    ("surveys", "Data odpowiedzi;Klient;Ocena;Komentarz", "13.05.2025 10:00;K1;9;dobrze"),
    ("surveys", "填寫時間;會員編號;推薦分數;意見", "2025/05/13 10:00;K1;9;好"),
    ("surveys", "回答日時;会員番号;おすすめ度;ご意見", "2025/05/13 10:00;K1;9;良い"),
    ("surveys", "Submitted at;Member ID;CSAT score;Feedback", "2025-05-13 10:00;K1;4;good"),
]


@pytest.mark.parametrize(("table", "headers", "row"), OF_OTHER_TABLES)
def test_subscriptions_and_surveys_are_known_by_headers_of_seven_languages(tmp_path, table, headers, row):
    path = tmp_path / "mine.csv"
    path.write_text(f"{headers}\n{row}\n{row.replace('K1', 'K2').replace('V1', 'V2')}\n", encoding="utf-8")
    (look,) = looked_at([path])
    assert look.table == table
    written = write([look], tmp_path / "report.toml")
    if table == "surveys" and not any(word in headers for word in ("NPS", "推薦", "おすすめ", "CSAT")):
        assert look.missing == "which kind of survey it is (nps, csat or ces)."
        text = written.read_text(encoding="utf-8").replace('# kind = "=nps"', 'kind = "=nps"')
        written.write_text(text, encoding="utf-8")
    else:
        assert look.missing == ""
    source = read_config(written).sources[table]
    frame = getattr(load, table)(source.where, columns=dict(source.columns), **source.options).to_pandas()
    assert sorted(frame["customer_id"]) == ["K1", "K2"]
    assert (frame["mrr"] > 0).all() if table == "subscriptions" else frame["score"].isin([9, 4]).all()


def test_a_file_of_subscriptions_without_a_price_asks_for_it(tmp_path):
    path = tmp_path / "abo.csv"
    path.write_text("Vertrag;Kunde;Beginn;Ende;Beitrag\nV1;K1;13.01.2025;;9,90\nV2;K2;14.01.2025;;9,90\n")
    (look,) = looked_at([path])
    assert (look.table, look.missing) == ("subscriptions", "which column is the price per month.")
    assert '# mrr = "Beitrag"' in write([look], tmp_path / "report.toml").read_text(encoding="utf-8")


def test_rows_of_several_currencies_have_a_line_for_each_to_keep(tmp_path):
    path = tmp_path / "a.csv"
    days = ["03/04", "05/04", "02/05", "09/06", "01/07", "04/07", "02/08", "07/09"]
    rows = [f"c{n % 3},{day}/2025,{n}.50,{'EUR' if n % 3 else 'usd'}" for n, day in enumerate(days, start=1)]
    path.write_text("\n".join(["Customer,Date,Total,Currency", *rows]), encoding="utf-8")
    (look,) = looked_at([path])
    assert look.missing.startswith("Amounts are in EUR 6 rows, usd 2 rows: keep the rows of one currency, or name")
    written = write([look], tmp_path / "report.toml")
    text = written.read_text(encoding="utf-8")
    assert "\nday_first = true" in text
    for code, rows in (("EUR", 6), ("usd", 2)):
        chosen = text.replace(f'# keep = {{ Currency = ["{code}"] }}', f'keep = {{ Currency = ["{code}"] }}')
        written.write_text(chosen, encoding="utf-8")
        assert len(loaded(written).to_pandas()) == rows


def test_two_files_of_one_table_are_two_sources_of_it(tmp_path):
    for name, sign in (("shop", "€"), ("till", "€"), ("other", "$")):
        lines = [f"{name}{n},2025-03-{10 + n},{sign}{n}.50" for n in range(1, 5)]
        (tmp_path / f"{name}.csv").write_text("\n".join(["Customer,Date,Total", *lines]), encoding="utf-8")
    looks = looked_at([tmp_path / "shop.csv", tmp_path / "till.csv"])
    written = write(looks, tmp_path / "report.toml")
    assert written.read_text(encoding="utf-8").count("\n[[sources.orders]]\n") == 2
    config = read_config(written)
    parts = [
        load.Part(where=part.where, columns=dict(part.columns), **part.options)
        for part in config.sources["orders"].parts
    ]
    assert len(load.orders(parts, currency=config.currency).to_pandas()) == 8
    third = looked_at([tmp_path / "shop.csv", tmp_path / "till.csv"], currency="EUR", day_first=True)
    assert not any(look.missing for look in third)


def test_two_files_that_cannot_be_put_together_say_why(tmp_path):
    for name, code in (("shop", "EUR"), ("till", "USD")):
        lines = [f"{name}{n},2025-03-{10 + n},{n}.50,{code}" for n in range(1, 5)]
        (tmp_path / f"{name}.csv").write_text("\n".join(["Customer,Date,Total,Currency", *lines]), encoding="utf-8")
    looks = looked_at([tmp_path / "shop.csv", tmp_path / "till.csv"])
    assert looks[1].missing.startswith("amounts are in EUR (shop), USD (till)")
    rates = tmp_path / "rates.csv"
    rates.write_text("day,currency,rate\n2025-03-10,USD,0.9\n")
    options = {"currency": "EUR", "rates": str(rates)}
    looks = looked_at([tmp_path / "shop.csv", tmp_path / "till.csv"], **options)
    assert [look.missing for look in looks] == ["", ""]
    config = read_config(write(looks, tmp_path / "report.toml", **options))
    assert (config.currency, config.rates) == ("EUR", rates)


@pytest.mark.parametrize(
    ("headers", "row", "customer", "amount"),
    [
        ("Txn,Sold On,Loyalty Card,Net,Sales Tax,Gross", "{n},2025-01-{d},L{c},10{n}.00,8.00,11{n}.00", 2, 5),
        (
            "Belegnr.;Belegdatum;Kd.-Nr.;Netto;USt.;Rechnungsbetrag",
            "B{n};{d}.02.2025;K{c};10{n},00;19,00;12{n},00",
            2,
            5,
        ),
        ("Date;Nom du client;N° de carte fidélité;Montant TTC", "{d}-02-2025;Nom {n};C{c};12{n},00", 2, 3),
        ("交易序號;交易日期;會員卡號;未稅金額;稅額;含稅金額", "{n};2025/08/{d};M{c};10{n};5;11{n}", 2, 5),
        ("Order ref,Order date,Buyer,Product,Qty,Line total", "O{c},2025-03-{d},b{c},P{n},1,1{n}.50", 2, 5),
    ],
)
def test_cards_of_customers_and_amounts_with_their_tax_are_found(tmp_path, headers, row, customer, amount):
    path = tmp_path / "mine.csv"
    rows = [row.format(n=n, d=13 + n, c=n % 3) for n in range(9)]
    path.write_text("\n".join([headers, *rows]), encoding="utf-8")
    (look,) = looked_at([path])
    names = headers.replace(";", ",").split(",")
    assert (look.table, look.missing) == ("orders", "")
    assert (look.columns["customer_id"], look.columns["amount"]) == (names[customer], names[amount])
    frame = look.data.to_pandas()
    assert (len(frame), frame["customer_id"].nunique()) == (9, 3)
