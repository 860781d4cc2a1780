"""Names, places and money of the people in the demo, composed from lists of our own.

A name is its spelling and, where letters are not Latin, how it is written in an address.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

Name = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Place:
    country: str
    city: str
    time_zone: str
    currency: str


@dataclass(frozen=True, slots=True)
class Culture:
    """`share` is how many of a hundred people come from here. `lunar`: percent who keep their
    birthday by the lunar calendar."""

    language: str
    share: int
    given: tuple[Name, ...]
    family: tuple[Name, ...]
    places: tuple[Place, ...]
    lunar: int = 0


def _plain(text: str) -> tuple[Name, ...]:
    return tuple((word, _latin(word)) for word in text.split())


def _pairs(text: str) -> tuple[Name, ...]:
    """Spelling and Latin letters in turn."""
    words = text.split()
    return tuple(zip(words[::2], words[1::2], strict=True))


_LETTERS = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ñ": "n", "ç": "c", "ø": "o", "ł": "l"}
    | dict.fromkeys("áàâãå", "a")
    | dict.fromkeys("éèêë", "e")
    | dict.fromkeys("íìîï", "i")
    | dict.fromkeys("óòôõ", "o")
    | dict.fromkeys("úùû", "u")
)


def _latin(word: str) -> str:
    return word.lower().translate(_LETTERS).replace("'", "").replace("-", "")


CULTURES: Final[tuple[Culture, ...]] = (
    Culture(
        "en",
        30,
        _plain(
            """
            Ada Alice Amelia Beth Clara Daisy Edith Fiona Grace Hazel Iris Joan Kate Lucy Mabel
            Nora Olive Pearl Rose Ruth Adam Basil Colin Dean Edgar Felix Glen Hugh Ivan Jack
            Keith Liam Miles Neil Oscar Percy Ralph Scott Toby Wade
            """
        ),
        _plain(
            """
            Ashby Barlow Carver Dalton Easton Fenwick Garner Holt Ingram Jarvis Keller Lowell
            Marsh Norwood Oakley Pratt Quill Radley Sutton Thorne Upton Vale Whitby Yates
            Abbott Bright Crane Dunn Ellis Frost Grove Hyde
            """
        ),
        (
            Place("US", "New York", "America/New_York", "USD"),
            Place("US", "Chicago", "America/Chicago", "USD"),
            Place("US", "Los Angeles", "America/Los_Angeles", "USD"),
            Place("GB", "London", "Europe/London", "GBP"),
            Place("GB", "Leeds", "Europe/London", "GBP"),
            Place("CA", "Toronto", "America/Toronto", "CAD"),
            Place("AU", "Sydney", "Australia/Sydney", "AUD"),
            Place("SG", "Singapore", "Asia/Singapore", "SGD"),
            Place("IE", "Dublin", "Europe/Dublin", "EUR"),
        ),
    ),
    Culture(
        "zh",
        22,
        _pairs(
            """
            伟 wei 芳 fang 娜 na 敏 min 静 jing 丽 li 强 qiang 磊 lei 洋 yang 艳 yan 勇 yong
            军 jun 杰 jie 涛 tao 明 ming 超 chao 霞 xia 平 ping 刚 gang 梅 mei 晓东 xiaodong
            雪梅 xuemei 思远 siyuan 雨桐 yutong 子涵 zihan 欣怡 xinyi 浩然 haoran 佳琪 jiaqi
            梓轩 zixuan
            """
        ),
        _pairs(
            """
            王 wang 李 li 张 zhang 刘 liu 陈 chen 杨 yang 黄 huang 赵 zhao 吴 wu 周 zhou 徐 xu
            孙 sun 马 ma 朱 zhu 胡 hu 郭 guo 何 he 高 gao 林 lin 罗 luo 郑 zheng 梁 liang
            谢 xie 宋 song 唐 tang 欧阳 ouyang
            """
        ),
        (
            Place("CN", "上海", "Asia/Shanghai", "CNY"),
            Place("CN", "北京", "Asia/Shanghai", "CNY"),
            Place("CN", "深圳", "Asia/Shanghai", "CNY"),
            Place("CN", "成都", "Asia/Shanghai", "CNY"),
            Place("SG", "新加坡", "Asia/Singapore", "SGD"),
            Place("TW", "臺北", "Asia/Taipei", "TWD"),
            Place("HK", "香港", "Asia/Hong_Kong", "HKD"),
        ),
        lunar=30,
    ),
    Culture(
        "de",
        12,
        _plain(
            """
            Anja Birgit Christa Doris Elke Frieda Greta Heike Ilse Jutta Katrin Lotte Monika
            Petra Sabine Ulrike Arne Björn Claus Dirk Egon Fritz Gerd Heiko Jörg Klaus Lars
            Niels Otto Rolf Sönke Uwe
            """
        ),
        _plain(
            """
            Ahrens Bäcker Claasen Dietz Ebert Förster Götz Hartung Imhof Jessen Köhler Lüders
            Meißner Nolte Oppermann Petersen Quandt Rieger Schäfer Thiele Ulrich Voß Wendt
            Zöllner
            """
        ),
        (
            Place("DE", "Berlin", "Europe/Berlin", "EUR"),
            Place("DE", "Hamburg", "Europe/Berlin", "EUR"),
            Place("DE", "Köln", "Europe/Berlin", "EUR"),
            Place("AT", "Wien", "Europe/Vienna", "EUR"),
            Place("CH", "Zürich", "Europe/Zurich", "CHF"),
        ),
    ),
    Culture(
        "es",
        11,
        _plain(
            """
            Alba Begoña Carmen Dolores Elena Fátima Inés Jimena Lucía Marta Noelia Olga Pilar
            Rocío Sofía Teresa Andrés Bruno César Diego Emilio Fermín Gonzalo Hugo Iván Joaquín
            Luis Mateo Néstor Óscar Pablo Raúl
            """
        ),
        _plain(
            """
            Aguilar Barrios Castaño Domínguez Espinosa Fuentes Galindo Herrero Iglesias Jurado
            Lara Montero Navarro Ortega Peña Quiroga Rivas Salas Tejero Urrutia Vargas Zamora
            """
        ),
        (
            Place("ES", "Madrid", "Europe/Madrid", "EUR"),
            Place("ES", "Sevilla", "Europe/Madrid", "EUR"),
            Place("MX", "Ciudad de México", "America/Mexico_City", "MXN"),
            Place("CO", "Bogotá", "America/Bogota", "COP"),
            Place("CL", "Santiago", "America/Santiago", "CLP"),
        ),
    ),
    Culture(
        "fr",
        9,
        _plain(
            """
            Agnès Brigitte Camille Delphine Élodie Fanny Gisèle Hélène Inès Juliette Léa Margot
            Noémie Odile Solène Zoé Antoine Benoît Cédric Damien Étienne Fabrice Gaël Hervé
            Jérôme Loïc Mathis Noël Olivier Rémi Thibault Yann
            """
        ),
        _plain(
            """
            Aubert Boucher Charpentier Delmas Étienne Fournier Gauthier Hébert Imbert Jacquet
            Lefèvre Marchand Noiret Ollivier Poirier Renaud Saunier Tessier Vasseur
            """
        ),
        (
            Place("FR", "Paris", "Europe/Paris", "EUR"),
            Place("FR", "Lyon", "Europe/Paris", "EUR"),
            Place("BE", "Bruxelles", "Europe/Brussels", "EUR"),
            Place("CA", "Montréal", "America/Toronto", "CAD"),
        ),
    ),
    Culture(
        "ja",
        10,
        _pairs(
            """
            葵 aoi 結衣 yui 陽菜 hina 美咲 misaki 彩花 ayaka 真央 mao 千尋 chihiro 恵 megumi
            直美 naomi 蓮 ren 大翔 hiroto 翔太 shota 健太 kenta 拓海 takumi 亮 ryo 誠 makoto
            隆 takashi 和也 kazuya 修 osamu
            """
        ),
        _pairs(
            """
            佐藤 sato 鈴木 suzuki 高橋 takahashi 田中 tanaka 伊藤 ito 渡辺 watanabe
            山本 yamamoto 中村 nakamura 小林 kobayashi 加藤 kato 吉田 yoshida 山田 yamada
            松本 matsumoto 井上 inoue 木村 kimura 清水 shimizu 森 mori 池田 ikeda
            """
        ),
        (
            Place("JP", "東京", "Asia/Tokyo", "JPY"),
            Place("JP", "大阪", "Asia/Tokyo", "JPY"),
            Place("JP", "札幌", "Asia/Tokyo", "JPY"),
        ),
    ),
    Culture(
        "pt",
        6,
        _plain(
            """
            Aline Beatriz Célia Débora Eduarda Flávia Graça Helena Isabel Joana Lívia Mariana
            Afonso Bento Caio Davi Elias Fábio Gustavo Heitor Igor João Leandro Márcio
            """
        ),
        _plain(
            """
            Almeida Barbosa Carvalho Duarte Esteves Fonseca Gouveia Henriques Lacerda Macedo
            Nogueira Pacheco Queirós Ramalho Sequeira Tavares Vieira
            """
        ),
        (
            Place("BR", "São Paulo", "America/Sao_Paulo", "BRL"),
            Place("BR", "Recife", "America/Recife", "BRL"),
            Place("PT", "Lisboa", "Europe/Lisbon", "EUR"),
        ),
    ),
)
