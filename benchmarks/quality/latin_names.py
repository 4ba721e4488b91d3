"""Latin names of a watch list met with the Russian names of NEREL's dev part.

Run:  python benchmarks/quality/latin_names.py NEREL

Dev is imported from its annotations. The Latin names below are those under which English texts
know people whom dev names by first name and surname and links to Wikidata, written down by
hand before any was tried; those beneath them are of people whom dev doesn't name in full, most
with the first name or surname of one whom it does (Yuri Vizbor stood there until he turned out
to be named). A match is right where the entity, or
another that dev links to the same item, is the person's.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from benchmarks.quality.link import gold
from kgbuild.exchange.annotations.brat import BratExtractor, find_annotated, outcomes
from kgbuild.exchange.registers.known import Match
from kgbuild.exchange.registers.watchlist import watched
from kgbuild.pipeline import Parts, build
from kgbuild.ports import Store
from kgbuild.types import RegistryEntity
from kgbuild.wiring import make_linker, make_normalizer, storage

RUSSIAN = """
Alexander Lukashenko=Александр Лукашенко; Alexander Nevsky=Александр Невский
Aleksandr Solzhenitsyn=Александр Солженицын; Alexander Shirvindt=Александр Ширвиндт
Alexei Venediktov=Алексей Венедиктов; Alexei Navalny=Алексей Навальный
Alexey Petrukhin=Алексей Петрухин; Alisa Grebenshchikova=Алиса Гребенщикова
Alisher Usmanov=Алишер Усманов; Anatoly Chubais=Анатолий Чубайс; Andrey Klishas=Андрей Клишас
Andrey Merzlikin=Андрей Мерзликин; Boris Yeltsin=Борис Ельцин; Vadim Golutvin=Вадим Голутвин
Valery Gergiev=Валерий Гергиев; Varvara Vizbor=Варвара Визбор; Vasily Anisimov=Василий Анисимов
Vasily Shukshin=Василий Шукшин; Viktor Lukashenko=Виктор Лукашенко; Viktor Tomenko=Виктор Томенко
Viktor Sheiman=Виктор Шейман; Vitaly Kostomarov=Виталий Григорьевич Костомаров
Vladimir Kvachkov=Владимир Квачков; Vladimir K. Zworykin=Владимир Козьмич Зворыкин
Kolokoltsev, Vladimir=Владимир Колокольцев; Vladimir Putin=Владимир Путин
Vladislav Chelakh=Владислав Челах; Vyacheslav Timchenko=Вячеслав Степанович Тимченко
Henrikh Mkhitaryan=Генрих Мхитарян; Georgiy Daneliya=Георгий Данелия; Gleb Panfilov=Глеб Панфилов
Danila Poperechny=Данила Поперечный; Dmitry Livanov=Дмитрий Ливанов
Dmitry Medvedev=Дмитрий Медведев; Evgeny Kissin=Евгений Кисин; Elizaveta Glinka=Елизавета Глинка
Ivan Golunov=Иван Голунов; Igor Vdovin=Игорь Вдовин; Igor Jijikine=Игорь Жижикин
Igor Malashenko=Игорь Малашенко; Igor Shunevich=Игорь Шуневич
Konstantin Paustovsky=Константин Паустовский; Konstantin Khabensky=Константин Хабенский
Ksenia Sobchak=Ксения Собчак; Leonid Parfyonov=Леонид Парфенов; Lyubov Sobol=Любовь Соболь
Maxim Dadashev=Максим Дадашев; Mariya Shukshina=Мария Шукшина; Mintimer Shaimiev=Минтимер Шаймиев
Mikhail Gorbachev=Михаил Горбачёв; Mikhail Tarkovsky=Михаил Тарковский
Nikolay Nikiforov=Николай Никифоров; Oleg Taktarov=Олег Тактаров; Pavel Basinsky=Павел Басинский
Pyotr Ilyich Tchaikovsky=Пётр Чайковский; Radiy Khabirov=Радий Хабиров; Ralif Safin=Ралиф Сафин
Sergei Gerasimov=Сергей Герасимов; Sergey Dorenko=Сергей Доренко
Sergey Nikonenko=Сергей Никоненко; Timofey Tribuntsev=Тимофей Трибунцев
Filipp Yankovsky=Филипп Янковский; Chulpan Khamatova=Чулпан Хаматова; Yuliya Aug=Юлия Ауг
Yuri Antonov=Юрий Антонов; Yuri Bondarev=Юрий Васильевич Бондарев; David Sarnoff=Давид Сарнов
"""
FOREIGN = """
Barack Obama=Барак Обама; Bill Clinton=Билл Клинтон; Donald Trump=Дональд Трамп
Joe Biden=Джо Байден; Lionel Messi=Лионель Месси; Charlie Chaplin=Чарли Чаплин
Robert Mugabe=Роберт Мугабе; Stanley Kubrick=Стэнли Кубрик; Andrzej Duda=Анджей Дуда
Mao Zedong=Мао Цзэдун; Boris Johnson=Борис Джонсон; Justin Trudeau=Джастин Трюдо
David Lynch=Дэвид Линч; Michael Jackson=Майкл Джексон; Robert Kennedy=Роберт Кеннеди
Mohamed Morsi=Мухаммед Мурси; Andrzej Wajda=Анджей Вайда; Luis Suárez=Луис Суарес
Alberto Fujimori=Альберто Фухимори; Krzysztof Penderecki=Кшиштоф Пендерецкий
"""
OTHERS = """
Dmitry Rogozin; Dmitry Kiselyov; Viktor Medvedchuk; Alexander Bastrykin; Maxim Medvedev
Sergei Bondarchuk; Yuri Gagarin; Fyodor Bondarchuk; Fyodor Shukshin; Lidia Fedoseyeva-Shukshina
Oleg Yankovsky; Ivan Yankovsky; Marat Safin; Dinara Safina; Andrei Tarkovsky; Arseny Tarkovsky
Ivan Shaymiev; Vladimir Gergiev; Raisa Gorbacheva; Naina Yeltsina; Lyudmila Putina; Boris Grebenshchikov
Tatyana Vizbor; Anatoly Sobchak; Lyudmila Narusova; Yulia Navalnaya; Oleg Navalny; Mikhail Glinka
Ekaterina Gergieva; Anton Antonov; Alexander Antonov; Nikolai Lukashenko; Sergey Lavrov
Igor Girkin; Igor Krutoy; Konstantin Ernst; Leonid Brezhnev; Leonid Agutin; Chulpan Akhmetova
Ksenia Rappoport; Vasily Utkin; Vasily Grossman; Pavel Durov; Radik Khabirov; Ivan Golubev
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("nerel", type=Path, help="NEREL: dev and train of brat files")
    nerel = parser.parse_args().nerel
    with tempfile.TemporaryDirectory() as folder:
        store = storage("sql").SqlStore.open(Path(folder) / "graph.db", linker=make_linker())
        paths = find_annotated(nerel / "dev")
        normalizer = make_normalizer()
        build(paths, Parts(BratExtractor(paths), normalizer, None, store), read=outcomes)
        items = gold(store, paths)
        for title, wanted in (("Russian", pairs(RUSSIAN)), ("foreign", pairs(FOREIGN)),
                              ("not in dev", dict.fromkeys(names(OTHERS), ""))):  # fmt: skip
            entries = [RegistryEntity("x", latin, latin, ("PERSON",)) for latin in wanted]
            store.set_watchlist("x", entries)
            settled = watched(store, normalizer).settled
            report(title, wanted, [*settled.certain, *settled.possible], items, store)
        store.close()


def names(text: str) -> list[str]:
    return [name.strip() for name in text.replace("\n", ";").split(";") if name.strip()]


def pairs(text: str) -> dict[str, str]:
    return {latin: russian for name in names(text) for latin, _, russian in [name.partition("=")]}


def report(
    title: str, wanted: dict[str, str], met: list[Match], items: dict[str, str], store: Store
) -> None:
    mine = {
        latin: {e.id for e in store.entities(type="PERSON", name=russian)} if russian else set()
        for latin, russian in wanted.items()
    }
    absent = [latin for latin, ids in mine.items() if not ids and wanted[latin]]
    assert not absent, f"dev names no such people: {absent}"
    right = [m for m in met if m.entity.id in mine[m.known.id] or same(m, mine, items)]
    found = {m.known.id for m in right}
    print(f"{title}: {len(wanted)} names, {len(met)} matches, {len(right)} of them right"
          + (f" (precision {len(right) / len(met):.3f})" if met else "")
          + (f", {len(found)} people found (recall {len(found) / len(wanted):.3f})"
             if any(wanted.values()) else ""))  # fmt: skip
    for scheme, count in Counter(" + ".join(m.spelt) for m in right).most_common():
        print(f"    by {scheme}: {count}")
    for m in met:
        if m not in right:
            print(f"    wrong: {m.known.name} = {m.entity.name}")
    if found:
        print(f"    not found: {', '.join(n for n in wanted if n not in found) or 'none'}")


def same(match: Match, mine: dict[str, set[str]], items: dict[str, str]) -> bool:
    linked = {items[id] for id in mine[match.known.id] if id in items}
    return items.get(match.entity.id) in linked


if __name__ == "__main__":
    main()
