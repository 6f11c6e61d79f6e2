# ruff: noqa: E501 - a passage a line reads best
"""Questions in English and Chinese with known answers: about a town whose places are easily mistaken for
each other, and about the world, asked in other words than those of the text. In English also Python's own documentation: the
first sentence about a function asks, the rest of it answers."""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Passage:
    """A text that can be found."""

    id: str
    language: str
    text: str


@dataclass(frozen=True)
class Question:
    """What is asked, and the one passage that says it."""

    text: str
    language: str
    passage: str


# Each place: its name in the text, its name in questions; English, then Chinese.
_PLACES = [
    ("swimming pool", "baths", "游泳馆", "泳池"),
    ("town museum", "exhibition house", "镇博物馆", "博物馆"),
    ("ice rink", "skating hall", "溜冰场", "冰场"),
    ("botanical garden", "garden with the greenhouses", "植物园", "温室花园"),
    ("theatre", "playhouse", "大剧院", "剧场"),
    ("cinema", "movie house", "电影院", "影院"),
    ("music school", "school for instruments", "音乐学校", "音乐学院"),
    ("recycling centre", "waste yard", "废品回收站", "回收点"),
    ("town hall", "municipal office", "镇政府大楼", "镇政府"),
    ("campsite", "camping ground", "露营地", "营地"),
    ("bus station", "coach terminal", "长途汽车站", "客运站"),
    ("bicycle hire", "bike rental", "自行车租赁处", "租自行车的地方"),
    ("youth club", "teenagers' centre", "青年中心", "青少年活动中心"),
    ("health clinic", "doctors' house", "社区诊所", "卫生所"),
    ("climbing hall", "bouldering gym", "攀岩馆", "抱石馆"),
    ("animal shelter", "home for strays", "动物收容所", "流浪动物之家"),
    ("farmers' market", "vegetable market", "农贸市场", "菜市场"),
    ("observatory", "star tower", "天文台", "观星台"),
    ("ferry landing", "boat dock", "渡口", "轮渡码头"),
    ("tennis courts", "tennis club", "网球场", "网球俱乐部"),
]
_DAYS = [("Monday", "周一"), ("Tuesday", "周二"), ("Wednesday", "周三"), ("Thursday", "周四")]
_MAKERS = [("Ada Holm", "何达"), ("Piet Vos", "傅皮特"), ("Rosa Lind", "林罗莎"), ("Jan Berg", "白建")]

# Each matter: the text; a question by the place's name in the text, one by its other name. English, then Chinese.
_MATTERS = {
    "hours": (
        "The {name} receives visitors from {a} in the morning until {b} in the evening. On {day} its doors stay shut.",
        ("When does the {name} close at night?", "Which day of the week is the {other} not open?"),
        "{name}上午{a}点接待访客，晚上{b}点结束，{day}不开门。",
        ("{name}几点关门？", "{other}哪天休息？"),
    ),
    "price": (
        "Admission to the {name} is {a} euros for grown-ups. Those under {b} enter free of charge.",
        ("What does a ticket for the {name} cost?", "Do children pay at the {other}?"),
        "{name}成人入场收费{a}欧元，未满{b}岁免费入场。",
        ("{name}的门票多少钱？", "小孩去{other}要付钱吗？"),
    ),
    "way": (
        "Tram line {a} stops at Mill Square; from there the {name} is {b} minutes on foot along the river.",
        ("How do I get to the {name} by public transport?", "How long is the walk to the {other}?"),
        "乘{a}路电车到磨坊广场，下车后沿河步行{b}分钟就到{name}。",
        ("坐什么车去{name}？", "去{other}要走多久？"),
    ),
    "booking": (
        "Places at the {name} are reserved on the website {a} days ahead. Until {b} hours before they can be cancelled.",
        ("How early must I book for the {name}?", "Can I call off my reservation at the {other}?"),
        "{name}须提前{a}天在网站预约，开始前{b}小时可以取消。",
        ("{name}要提前多久预订？", "{other}的预约能退吗？"),
    ),
    "rules": (
        "At the {name} dogs must be on a lead, food stays outside, and of lockers there are {b}{a}.",
        ("May I bring my pet to the {name}?", "Where do I leave my bag at the {other}?"),
        "{name}内须牵好狗，不得带入食物，备有储物柜{b}{a}个。",
        ("可以带宠物去{name}吗？", "{other}有地方存包吗？"),
    ),
    "history": (
        "The {name} was built in 19{b}{a} after drawings by {maker}, and renovated in 20{a}{a}.",
        ("Who was the architect of the {name}?", "How old is the {other}?"),
        "{name}由{maker}设计，建于19{b}{a}年，20{a}{a}年翻修。",
        ("{name}是谁设计的？", "{other}是哪一年建的？"),
    ),
}

# Of the world: text and question; English, then Chinese.
_WORLD = [
    ("Honey keeps for thousands of years because it holds too little water for bacteria to live in.",
     "Why does bees' food not go bad?", "蜂蜜含水太少，细菌无法生存，因此可以保存数千年。", "为什么蜂蜜不会坏？"),
    ("Octopuses have three hearts, and their blood is blue from the copper in it.",
     "What colour does the blood of an octopus have?", "章鱼有三颗心脏，血液因含铜而呈蓝色。", "章鱼的血是什么颜色？"),
    ("The Eiffel Tower grows by about fifteen centimetres in hot summers, as iron expands.",
     "Does heat make the tower in Paris taller?", "炎热的夏天铁会膨胀，埃菲尔铁塔会长高约十五厘米。", "巴黎铁塔夏天会变高吗？"),
    ("Bananas are berries in the eyes of botanists, whereas strawberries are not.",
     "Is a strawberry botanically a berry?", "在植物学家眼里香蕉是浆果，而草莓不是。", "草莓算浆果吗？"),
    ("Venus turns so slowly that its day lasts longer than its year.",
     "On which planet is a day longer than a year?", "金星自转极慢，一天比一年还长。", "哪颗行星的一天比一年长？"),
    ("Tea came to Europe on Dutch ships in the year 1610.",
     "Who first brought tea to Europeans?", "一六一〇年，荷兰商船把茶叶运到欧洲。", "茶是谁带到欧洲的？"),
    ("Sharks are older than trees: they have swum in the seas for over four hundred million years.",
     "Did fish like sharks live before there were forests?", "鲨鱼在海里游了四亿多年，比树木出现得还早。", "鲨鱼和树哪个出现得早？"),
    ("Glass bottles can be melted and made anew without end; paper only about seven times.",
     "How often can paper be recycled?", "玻璃瓶可以无限次熔化再造，纸张大约只能再生七次。", "纸可以回收几次？"),
    ("An ordinary cloud weighs several hundred tonnes, yet it floats since its drops are tiny.",
     "How heavy is a cloud?", "一朵普通的云重达数百吨，因水滴极小而能飘浮。", "云有多重？"),
    ("Chess pieces of walrus ivory from the twelfth century were found on the Scottish island of Lewis.",
     "Where did people find medieval chessmen?", "苏格兰的路易斯岛出土了十二世纪用海象牙做的国际象棋棋子。", "中世纪的棋子在哪里被发现？"),
    ("The first computer program was written by Ada Lovelace for a machine that was never finished.",
     "Who was the first programmer?", "第一个计算机程序由阿达·洛芙莱斯编写，而那台机器从未造成。", "世界上第一个程序员是谁？"),
    ("Penguins drink sea water: a gland above their eyes takes the salt out.",
     "How can penguins live without fresh water?", "企鹅喝海水，眼睛上方的腺体能排出盐分。", "企鹅为什么能喝海水？"),
    ("Steam engines drained the tin mines of Cornwall long before there were locomotives.",
     "What were steam engines first used for?", "早在火车头出现之前，蒸汽机就在康沃尔的锡矿里抽水。", "蒸汽机最早用来做什么？"),
    ("Bamboo may grow ninety centimetres in a single day.",
     "Which plant grows fastest?", "竹子一天可以长高九十厘米。", "什么植物长得最快？"),
    ("The heart of a blue whale is as large as a small car and beats twice a minute when it dives.",
     "How slowly does the pulse of the largest animal go?", "蓝鲸的心脏有一辆小汽车那么大，潜水时每分钟只跳两次。", "最大的动物心跳有多慢？"),
    ("Porcelain was fired in China a thousand years before Saxony learned how in 1708.",
     "When did Europeans learn to make china?", "瓷器在中国烧制了一千年后，萨克森才于一七〇八年学会。", "欧洲什么时候学会做瓷器？"),
    ("Lightning is five times as hot as the surface of the sun.",
     "What temperature does a thunderbolt reach?", "闪电的温度是太阳表面的五倍。", "雷电有多热？"),
    ("A snail can sleep for three years when the weather is too dry.",
     "How long may a snail stay asleep?", "天气太干时，蜗牛可以睡上三年。", "蜗牛最久能睡多长时间？"),
    ("The Great Wall cannot be made out from the moon with the naked eye.",
     "Do astronauts see the wall of China from the moon?", "在月球上用肉眼看不到长城。", "从月亮上能看见长城吗？"),
    ("Carrots were purple until Dutch growers bred the orange ones in the seventeenth century.",
     "Which colour did carrots use to have?", "胡萝卜原本是紫色，十七世纪荷兰农人才培育出橙色的。", "胡萝卜以前是什么颜色？"),
]  # fmt: skip


_MODULES = [
    "argparse",
    "asyncio",
    "base64",
    "bisect",
    "calendar",
    "collections",
    "configparser",
    "contextlib",
    "copy",
    "csv",
    "datetime",
    "decimal",
    "difflib",
    "email.message",
    "fileinput",
    "fractions",
    "functools",
    "gettext",
    "glob",
    "gzip",
    "heapq",
    "html",
    "http.client",
    "imaplib",
    "inspect",
    "ipaddress",
    "itertools",
    "json",
    "linecache",
    "locale",
    "logging",
    "mailbox",
    "mimetypes",
    "os",
    "pathlib",
    "pprint",
    "queue",
    "random",
    "re",
    "sched",
    "secrets",
    "selectors",
    "shlex",
    "shutil",
    "smtplib",
    "socket",
    "sqlite3",
    "statistics",
    "string",
    "subprocess",
    "tarfile",
    "tempfile",
    "textwrap",
    "threading",
    "timeit",
    "tokenize",
    "traceback",
    "types",
    "unittest",
    "urllib.parse",
    "urllib.request",
    "uuid",
    "warnings",
    "weakref",
    "zipfile",
]


def _documented() -> Iterator[tuple[str, str, str]]:
    """Yields name, first sentence and the rest of what Python's library says about its functions."""
    seen: set[str] = set()
    for name in _MODULES:
        module = importlib.import_module(name)
        for key, found in sorted(vars(module).items()):
            said = inspect.getdoc(found) if callable(found) and not key.startswith("_") else None
            if said is None or getattr(found, "__module__", "") != name:
                continue
            first, _, rest = said.partition("\n\n")
            if 30 <= len(first) <= 200 and len(rest) >= 150 and first not in seen:
                seen.add(first)
                yield f"{name}.{key}", re.sub(r"\s+", " ", first), rest[:1000]


def bilingual() -> tuple[list[Passage], list[Question]]:
    """Returns passages and questions: 260 and 500 in Chinese, more of each in English."""
    passages: list[Passage] = []
    questions: list[Question] = []

    def add(id: str, language: str, text: str, asked: list[str]) -> None:
        passages.append(Passage(id, language, text))
        questions.extend(Question(one, language, id) for one in asked)

    for at, (name, other, chinese, chinese_other) in enumerate(_PLACES):
        for number, (matter, (text, asked, text_zh, asked_zh)) in enumerate(_MATTERS.items()):
            day, maker = _DAYS[at % 4], _MAKERS[(at + number) % 4]
            facts = {"a": 6 + (at + number) % 4, "b": 4 + (at * 3 + number) % 9}
            en = {"name": name, "other": other, "day": day[0], "maker": maker[0], **facts}
            zh = {"name": chinese, "other": chinese_other, "day": day[1], "maker": maker[1], **facts}
            add(f"{matter}-{at}-en", "en", text.format(**en), [one.format(**en) for one in asked])
            add(f"{matter}-{at}-zh", "zh", text_zh.format(**zh), [one.format(**zh) for one in asked_zh])
    for at, (text, question, text_zh, question_zh) in enumerate(_WORLD):
        add(f"world-{at}-en", "en", text, [question])
        add(f"world-{at}-zh", "zh", text_zh, [question_zh])
    for id, first, rest in _documented():
        add(id, "python", rest, [first])
    return passages, questions
