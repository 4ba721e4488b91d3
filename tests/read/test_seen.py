"""What no reader of a document sees is no text; what he sees is."""

from __future__ import annotations

from pathlib import Path

import pytest

from kgbuild.read.formats.html import shown_text
from kgbuild.read.formats.markdown import markdown_text
from tests.read.support import docx, paragraph, rtf, run, text_of

SEEN, UNSEEN = "Агния Зримова живёт в Угличе.", "Борис Тайный живёт в Омске."


@pytest.mark.parametrize(
    "tag",
    [
        "<p hidden>{}</p>",
        '<p hidden="hidden">{}</p>',
        '<div style="color: red; display : none">{}</div>',
        "<span style='VISIBILITY:hidden'>{}</span>",
        '<span style="font-size:0">{}</span>',
        '<div style="display:none"><p>Ещё <b>{}</b></p></div>',
        '<p class="note x">{}</p>',
        '<p id="aside">{}</p>',
        "<dialog>{}</dialog>",
        "<template>{}</template>",
        "<script>{}</script>",
        "<noscript>{}</noscript>",
        "<button>{}</button>",
        "<textarea>{}</textarea>",
        "<select><option>{}</option></select>",
        "<!-- {} -->",
        '<img alt="{}" src="x">',
    ],
)
def test_html_that_is_not_shown(tag: str) -> None:
    sheet = "<style>.x, #aside {margin:0; display:none} .seen{display:block}</style>"
    for page in (True, False):
        source = f"{sheet}<p class=seen>{SEEN}</p>{tag.format(UNSEEN)}<p>Конец.</p>"
        assert shown_text(source, page) == f"{SEEN}\n\nКонец."


@pytest.mark.parametrize(
    "tag",
    [
        "<p>{}</p>",
        '<p style="display:block;opacity:0.5">{}</p>',
        '<p style="font-size:0.8em">{}</p>',
        "<details><summary>Ещё</summary>{}</details>",
        "<dialog open>{}</dialog>",
        "<p class=printed>{}</p>",
        '<p aria-hidden="true">{}</p>',
    ],
)
def test_html_that_is_shown(tag: str) -> None:
    sheet = "<style>@media print { .printed { display: none } }</style>"
    assert SEEN in shown_text(f"<head>{sheet}</head>" + tag.format(SEEN))


def test_a_page_whose_head_is_never_closed_is_shown() -> None:
    assert shown_text(f"<html><head><title>Имя</title><p>{SEEN}") == SEEN


def test_a_saved_page_is_its_text() -> None:
    source = f"""<!doctype html><html><head><title>Вести</title></head><body>
      <header><a href=/>Городские вести</a><form><input name=q>Найти</form></header>
      <nav><ul><li><a href=/a>Политика</a><li><a href=/b>Спорт</a></ul></nav>
      <ol class="breadcrumb-list"><li><a href=/>Главная</a></ol>
      <article><h1>Мост открыт</h1>
        <div class=article-meta><time datetime=2031-05-04>4 мая 2031, 12:30</time></div>
        <p>{SEEN} Мост строили с 4 мая 2029 года.</p>
        <div id="yandex_adv">Купите самокат в Вологде!</div>
        <table><tr><td>Открыт<td>4 мая 2031</table>
        <p>12:30</p>
      </article>
      <aside>Читайте также: <a href=/c>Мост закрыт</a></aside>
      <div class="socialShare">Поделиться с Анной</div>
      <div role="complementary">Погода в Туле</div>
      <a href=/1>Первая ссылка</a><br><a href=/2>Вторая ссылка</a><br><a href=/3>Третья ссылка</a>
      <footer>Редактор Нина Ложкина, Пермь</footer></body></html>"""
    assert shown_text(source, page=True) == (
        f"Мост открыт\n\n{SEEN} Мост строили с 4 мая 2029 года.\n\nОткрыт\t4 мая 2031"
    )


@pytest.mark.parametrize(
    "source",
    [
        f"<footer><p>{SEEN}</p></footer>",
        f"<div class=sidebar><h1>Повесть</h1><p>{SEEN}</p></div><p>Конец.</p>",
        f"<article><header><p>{SEEN}</p></header>Текст.</article>",
        f"<article><ul><li><a href=a>{SEEN[:-1]}</a><li><a href=b>Лев</a><li><a href=c>Ян</a></ul>",
        f"<p class=headings>{SEEN}</p><p class=advanced>Ещё.</p>",
    ],
)
def test_what_holds_the_text_of_a_page_stays_whatever_it_is_called(source: str) -> None:
    assert SEEN[:-1] in shown_text(source, page=True)


def test_the_rows_of_a_table_are_lines_and_its_columns_stay_under_each_other() -> None:
    source = """<table><tr><th>Имя<th>Город<th>Год</tr><tr><td>Иван<td></td><td>1900
      <tr><td rowspan=2>Олег</td><td><p>Тверь</p><p>Клин</p></td><td>1901</td></tr>
      <tr><td>Омск<td>1902</tr><tr><td colspan=2>вместе<td>2</tr></table>"""
    assert shown_text(source).split("\n") == [
        "Имя\tГород\tГод", "Иван\t\t1900", "Олег\tТверь\u2028Клин\t1901", "\tОмск\t1902",
        "вместе\t\t2",
    ]  # fmt: skip


def test_a_table_that_lays_out_a_page_is_no_data() -> None:
    inner = "<table><tr><td>а<td>б</table>"
    shown = shown_text(f"<table><tr><td><p>Раз.</p><p>Два.</p></td><td>{inner}</td></tr></table>")
    assert shown == "Раз.\n\nДва.\n\nа\tб"


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("в Ялте<sup>1</sup> и", "в Ялте [1] и"),
        ("в Ялте<sup class=reference><a href='#n'>[12]</a></sup>, где", "в Ялте [12], где"),
        ("в Ялте<a href='#n1'>3</a>.", "в Ялте [3]."),
        ("в 1903<sup>2</sup> году", "в 1903 [2] году"),
        ("площадь 30 м<sup>2</sup>", "площадь 30 м²"),
        ("10<sup>6</sup> и x<sup>2</sup>", "10⁶ и x²"),
        ("XIX<sup>й</sup> век", "XIXй век"),
        ("Глава <a href='#g'>1</a>", "Глава 1"),
    ],
)
def test_the_mark_of_a_note_is_kept_from_its_word(source: str, text: str) -> None:
    assert shown_text(f"<p>{source}</p>") == text


def test_markdown_is_what_its_page_shows() -> None:
    source = f"""---
title: {UNSEEN}
tags: [а, б]
---
Заглавие
========

[[Платон Ветров|Платон Егорович]] и **Кат**я *Лунина* из [Ельца](http://x.ru/a_b(c) "город").[^н]
![{UNSEEN}](a.png) `Рим` &amp; 2*3*4, snake_case <!-- {UNSEEN} -->
- пункт \\*

| Имя | Город |
|:----|------:|
| Юна |       |

~~~
{UNSEEN}
~~~
> сказал
> он<sup>2</sup>

[^н]: Сноска.
[ссылка]: http://x.ru/
"""
    assert markdown_text(source) == (
        "# Заглавие\n\nПлатон Егорович и Катя Лунина из Ельца. [н]\n"
        " Рим & 2*3*4, snake_case\n- пункт *\n\nИмя\tГород\nЮна\t\n\n"
        "сказал\nон [2]\n\n[н] Сноска.\n"
    )


@pytest.mark.parametrize("source", ["---\nОн пришёл.\n---\n", "```\nкод\n", "<!-- а\n", "a | b\n"])
def test_what_only_looks_like_a_mark_of_markdown_is_text(source: str) -> None:
    for word in ("Он пришёл.", "код", "а", "a | b"):
        assert (word in source) == (word in markdown_text(source))


HIDES = [
    run(UNSEEN, "<w:vanish/>"),
    run(UNSEEN, '<w:vanish w:val="true"/>'),
    run(UNSEEN, '<w:rStyle w:val="Тайно"/>'),
    run(UNSEEN, '<w:rStyle w:val="Глубже"/>'),
    f"<w:moveFrom>{run(UNSEEN)}</w:moveFrom>",
    f"<w:r><w:delText>{UNSEEN}</w:delText></w:r>",
]
STYLES = (
    '<w:style w:styleId="Тайно"><w:rPr><w:vanish/></w:rPr></w:style>'
    '<w:style w:styleId="Глубже"><w:basedOn w:val="Тайно"/></w:style>'
)


@pytest.mark.parametrize("hidden", HIDES)
def test_docx_that_is_not_shown(tmp_path: Path, hidden: str) -> None:
    body = paragraph(run(SEEN)) + paragraph(hidden, run(" Конец."))
    text = text_of(tmp_path / "a.docx", docx(body, styles=STYLES))
    assert text == f"{SEEN}\n\n Конец."


@pytest.mark.parametrize(
    "letters", ['<w:vanish w:val="0"/>', '<w:rStyle w:val="Другой"/>', "<w:b/>"]
)
def test_docx_that_is_shown(tmp_path: Path, letters: str) -> None:
    end = "<w:pPr><w:rPr><w:vanish/></w:rPr></w:pPr>"  # hides the end of the paragraph alone
    body = paragraph(run(SEEN, letters), properties=end)
    assert text_of(tmp_path / "a.docx", docx(body, styles=STYLES)) == SEEN


def test_a_table_and_notes_of_docx(tmp_path: Path) -> None:
    def cell(*lines: str, properties: str = "") -> str:
        return f"<w:tc>{properties}{''.join(paragraph(run(line)) for line in lines)}</w:tc>"

    wide = '<w:tcPr><w:gridSpan w:val="2"/></w:tcPr>'
    rows = (cell("Имя") + cell("Город") + cell("Год"), cell("") + cell("Клин", "Тверь") + cell("1"),
            cell("всего", properties=wide) + cell("2"))  # fmt: skip
    table = f"<w:tbl>{''.join(f'<w:tr>{row}</w:tr>' for row in rows)}</w:tbl>"
    mark = '<w:r><w:footnoteReference w:id="7"/></w:r>'
    raised = run("2", '<w:vertAlign w:val="superscript"/>')
    body = (
        paragraph(run("Жил в Ялте"), mark, run(" и в Орле"), raised, run(", 30 м"), raised) + table
    )
    notes = ('<w:footnote w:type="separator" w:id="0"><w:p><w:r><w:t>—</w:t></w:r></w:p></w:footnote>'
             f'<w:footnote w:id="7">{paragraph(run("Город."))}</w:footnote>')  # fmt: skip
    text = text_of(tmp_path / "a.docx", docx(body, footnotes=notes))
    assert text == (
        "Жил в Ялте [1] и в Орле [2], 30 м²\n\nИмя\tГород\tГод\n\tКлин\u2028Тверь\t1\n"
        "всего\t\t2\n\n[1] Город."
    )


@pytest.mark.parametrize(
    "hidden",
    [
        r"{{\v {}}}",
        r"\v {}\v0 ",
        r"\v {}\plain ",
        r"{{\deleted {}}}",
        r"{{\header {}}}",
        r"{{\*\new {}}}",
    ],
)
def test_rtf_that_is_not_shown(tmp_path: Path, hidden: str) -> None:
    body = f"{SEEN}\\par {hidden.format(UNSEEN)}\\par Конец."
    assert text_of(tmp_path / "a.rtf", rtf(body)).split() == [*SEEN.split(), "Конец."]


def test_notes_fields_boxes_and_tables_of_rtf(tmp_path: Path) -> None:
    body = (
        r"Жил в Ялте{\super\chftn{\footnote{\super\chftn} Город у моря.}} и {\field{\*\fldinst X}"
        r"{\fldrslt в Орле}}.{\*\shpinst{\sp{\sn a}{\sv b}}{\shptxt  Рамка.}}\par"
        r"\trowd\pard\intbl Имя\cell Город\cell\row\pard\intbl\cell Клин\par Тверь\cell\row\pard Всё"
    )
    assert text_of(tmp_path / "a.rtf", rtf(body)) == (
        "Жил в Ялте [1] и в Орле. Рамка.\nИмя\tГород\n\tКлин\u2028Тверь\nВсё\n\n[1]  Город у моря."
    )


@pytest.mark.parametrize(
    ("head", "page"),
    [
        (r"\ansi\ansicpg1252", "cp1251"),
        (r"\ansi", "cp1251"),
        (r"\ansi\ansicpg1251", "cp1251"),
        (r"\ansi\ansicpg866", "cp866"),
        (r"\ansi\ansicpg1252{\fonttbl{\f0\fcharset204 A;}}\f0", "cp1251"),
        (r"\ansi\ansicpg1252{\fonttbl{\f0\fcharset204 A;}}\deff0\plain", "cp1251"),
    ],
)
def test_the_letters_of_rtf_are_of_the_page_that_they_are_in(
    tmp_path: Path, head: str, page: str
) -> None:
    text = "Егор Сабуров родился в Калуге, там и женился."
    assert text_of(tmp_path / "a.rtf", rtf(text, head, page)) == text


@pytest.mark.parametrize("text", ["Désirée naquit à Besançon.", "Jürgen wohnt in Köln, größer."])
def test_western_rtf_stays_western(tmp_path: Path, text: str) -> None:
    assert text_of(tmp_path / "a.rtf", rtf(text, r"\ansi\ansicpg1252", "cp1252")) == text


def test_odt_hides_and_keeps_notes_apart(tmp_path: Path) -> None:
    from benchmarks.robust.bad_documents import zipped

    page = (
        '<o:d xmlns:o="o" xmlns:t="t" xmlns:s="s" xmlns:f="f"><o:automatic-styles>'
        '<s:style s:name="P9"><s:text-properties t:display="none"/></s:style></o:automatic-styles>'
        f"<t:p>{SEEN[:-1]}<t:note><t:note-citation>1</t:note-citation><t:note-body><t:p>Сноска.</t:p>"
        f'</t:note-body></t:note>.</t:p><t:p>Тут <t:span t:style-name="P9">{UNSEEN}</t:span>всё.</t:p>'
        "<o:table><o:table-row><o:table-cell/><o:table-cell><t:p>а</t:p><t:p>б</t:p></o:table-cell>"
        "</o:table-row></o:table></o:d>"
    )
    data = zipped(
        {"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": page.encode()}
    )
    assert text_of(tmp_path / "a.odt", data) == (
        f"{SEEN[:-1]} [1].\n\nТут всё.\n\n\tа\u2028б\n\n[1] Сноска."
    )
