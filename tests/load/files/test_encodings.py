"""Files that are not UTF-8: the error names the encodings that fit, and each of them reads the file right."""

import re

import pytest

from retention_kit import load
from retention_kit.errors import DataError

ZH = "訂單號碼,客戶,日期,金額\n1,王小明,2026-05-01,10.50\n2,陳怡君,2026-05-02,5.00\n"
JA = "注文番号,お客様,注文日,合計金額\n1,山田太郎,2026-05-01,10.50\n2,ササキ,2026-05-02,5.00\n"
CN = "订单号,客户,日期,金额\n1,王小明,2026-05-01,10.50\n2,张伟,2026-05-02,5.00\n"
KO = "주문번호,고객,날짜,금액\n1,김철수,2026-05-01,10.50\n2,이영희 배송지 주소 전화번호,2026-05-02,5.00\n"
PL = "Numer,Klient,Data,Wartość\n1,Łucja Żak,2026-05-01,10.50\n2,Józef,2026-05-02,5.00\n"
CS = "Číslo,Zákazník,Datum,Částka\n1,Jiří Dvořák,2026-05-01,10.50\n2,Šárka,2026-05-02,5.00\n"
DE = "Nummer,Käufer,Datum,Betrag\n1,Jürgen Groß,2026-05-01,10.50\n2,Anna,2026-05-02,5.00\n"
FR = "Numéro,Client,Date,Montant\n1,Zoë Lecœur,2026-05-01,10.50\n2,Éric,2026-05-02,5.00\n"
RU = "Номер,Клиент,Дата,Сумма\n1,Иван,2026-05-01,10.50\n2,Юлия,2026-05-02,5.00\n"
EL = "Αριθμός,Πελάτης,Ημερομηνία,Ποσό\n1,Γιώργος,2026-05-01,10.50\n2,Άννα,2026-05-02,5.00\n"

FILES = [
    (ZH, "big5", "cp950"), (ZH, "cp950", "cp950"), (JA, "shift_jis", "cp932"), (JA, "cp932", "cp932"),
    (JA, "euc_jp", "euc_jp"), (CN, "gb18030", "gb18030"), (CN, "gb2312", "gb18030"), (KO, "cp949", "cp949"),
    (PL, "cp1250", "cp1250"), (PL, "iso8859_2", "iso8859_2"), (CS, "cp1250", "cp1250"), (DE, "cp1252", "cp1252"),
    (FR, "cp1252", "cp1252"), (RU, "cp1251", "cp1251"), (EL, "cp1253", "cp1253"), (PL, "cp852", "cp852"),
    (DE, "mac_roman", "mac_roman"),
]  # fmt: skip


def load_it(path, text, **how):
    names = text.split("\n")[0].split(",")
    return load.orders(
        path, columns=dict(zip(("order_id", "customer_id", "ordered_at", "amount"), names, strict=True)), **how
    )


@pytest.mark.parametrize(("text", "encoding", "named"), FILES)
def test_the_error_names_the_encoding_that_reads_the_file_right_with_a_word_of_it(tmp_path, text, encoding, named):
    path = tmp_path / "orders.csv"
    path.write_bytes(text.encode(encoding))
    with pytest.raises(DataError) as caught:
        load_it(path, text)
    message = str(caught.value)
    assert "\n" not in message
    offers = dict(re.findall(r"encoding='(\w+)' \((?:[\w-]+; )?it reads '([^']+)' then\)", message))
    assert named in offers
    assert all(offers[name] in text for name in offers if path.read_bytes().decode(name) == text)
    data = load_it(path, text, encoding=named)
    cells = [line.split(",")[1] for line in text.split("\n")[1:-1]]
    assert data.to_pandas()["customer_id"].tolist() == cells
    assert f"text is encoded in {named}" in data.source.assumptions


@pytest.mark.parametrize(
    ("text", "encoding", "named"), [f for f in FILES if f[1] in ("big5", "shift_jis", "gb18030", "cp949", "euc_jp")]
)
def test_no_encoding_is_offered_that_makes_signs_of_asian_text(tmp_path, text, encoding, named):
    path = tmp_path / "orders.csv"
    path.write_bytes(text.encode(encoding))
    with pytest.raises(DataError) as caught:
        load_it(path, text)
    assert set(re.findall(r"encoding='(\w+)'", str(caught.value))) == {named}


@pytest.mark.parametrize(("text", "words"), [("Győr\n", ("Gyõr", "Győr")), ("cśur\n", ("cœur", "cśur"))])
def test_where_bytes_tell_two_encodings_not_apart_the_word_that_differs_is_shown_in_both(tmp_path, text, words):
    path = tmp_path / "orders.csv"
    path.write_bytes(f"customer_id,date,amount\nJosé,2026-05-01,1\n{text}".encode("cp1250"))
    with pytest.raises(DataError) as caught:
        load.orders(path)
    for name, word in zip(("cp1252", "cp1250"), words, strict=True):
        assert f"encoding='{name}' (it reads '{word}' then)" in str(caught.value)


def test_an_encoding_that_is_named_though_the_file_is_utf_8_is_refused(tmp_path):
    path = tmp_path / "orders.csv"
    path.write_text(ZH, encoding="utf-8")
    for wrong in ("cp1252", "cp1250", "latin-1", "gb18030"):
        with pytest.raises(DataError, match=r"leave the encoding out|is not text in"):
            load_it(path, ZH, encoding=wrong)
    (tmp_path / "plain.csv").write_text("customer_id,date,amount\nann,2026-05-01,1\n")
    assert load.orders(tmp_path / "plain.csv", encoding="cp1252").source.rows_kept == 1


def test_the_source_says_that_text_reads_better_in_another_encoding_than_the_one_named(tmp_path):
    path = tmp_path / "orders.csv"
    path.write_bytes("customer_id,date,amount\n王小明,2026-05-01,1\n".encode("big5"))
    data = load.orders(path, encoding="latin-1")
    assert "text is encoded in latin-1, although it reads '王小明' in cp950" in data.source.assumptions


def test_a_character_outside_of_the_encoding_that_was_named_names_the_one_that_has_it(tmp_path):
    path = tmp_path / "orders.csv"
    path.write_bytes("注文番号,お客様,注文日,合計金額\n1,髙橋①,2026-05-01,1\n".encode("cp932"))
    with pytest.raises(DataError, match=r"is not text in shift_jis.*pass encoding='cp932'"):
        load_it(path, JA, encoding="shift_jis")
