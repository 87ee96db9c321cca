# ruff: noqa: E501 - a phrase is one line
"""Posts in other languages: (language, template) on AI, and on everything else."""

from __future__ import annotations

FOREIGN_AI: list[tuple[str, str]] = [
    (
        "es",
        "{n} [formas|ejemplos] en que la inteligencia artificial cambia [la salud|la banca|el campo|la educación] en {country}",
    ),
    (
        "es",
        "Curso [gratis|online|nuevo] de [machine learning|aprendizaje automático|ciencia de datos] con {tool}, empieza el {n} de mes",
    ),
    (
        "es",
        "La IA [no reemplazará|ayuda] a los [médicos|maestros|abogados], dice {name} {surname} #IA [#AI|#BigData|#DataScience|]",
    ),
    ("es", "Entrenamos una red neuronal para [detectar fraudes|leer radiografías|contar ballenas] en {city}"),
    (
        "fr",
        "L'intelligence artificielle [va transformer|inquiète|aide] [la santé|la banque|l'école|la justice] selon {name} {surname}",
    ),
    (
        "fr",
        "Formation [gratuite|en ligne] : [deep learning|apprentissage automatique|big data|science des données] avec {tool} à {city}",
    ),
    ("fr", "{firm} lève {money} M€ pour son IA [médicale|juridique|agricole] #IA [#AI|#DeepLearning|]"),
    (
        "de",
        "Künstliche Intelligenz [verändert|entlastet|überfordert] [Kliniken|Banken|Schulen|Behörden], sagt {name} {surname}",
    ),
    ("de", "{firm} sucht [Data Scientist|KI-Entwickler|Machine Learning Engineer] in {city} (m/w/d)"),
    ("de", "Maschinelles Lernen mit {tool}: [Workshop|Vortrag|Kurs] in {city} um {hour} #KI [#AI|]"),
    ("pt", "Inteligência artificial [ajuda|assusta|muda] [médicos|bancos|escolas] em {country}, diz estudo"),
    (
        "pt",
        "Vaga: [cientista de dados|engenheiro de machine learning|analista de big data] em {city}, {tool}",
    ),
    ("pt", "Aprendizado de máquina [na prática|do zero|para iniciantes] com {tool} #IA [#AI|#DataScience|]"),
    ("ja", "{firm}、AIで[診断|翻訳|検品|需要予測]を[自動化|支援] {city}で実証実験"),
    ("ja", "[機械学習|深層学習|自然言語処理]の[入門|勉強会|論文紹介]、{tool}で試す {n}日目"),
    ("ja", "人工知能が[医療|教育|金融|農業]を変える{n}の理由 [#AI|#機械学習|]"),
    (
        "id",
        "Kecerdasan buatan [membantu|mengubah|menggantikan] [dokter|petani|guru] di {city} [#AI|#BigData|]",
    ),
    ("id", "Belajar [machine learning|data science|deep learning] gratis dengan {tool}, mulai {n} {month}"),
    (
        "tr",
        "Yapay zeka [sağlık|eğitim|bankacılık|tarım] sektörünü [değiştiriyor|zorluyor], {name} {surname} anlattı [#AI|#yapayzeka|]",
    ),
    ("tr", "{tool} ile [makine öğrenmesi|derin öğrenme|veri bilimi] dersi, {city}, saat {hour}"),
    (
        "it",
        "L'intelligenza artificiale [aiuta|cambia] [gli ospedali|le banche|la scuola] a {city} [#AI|#IA|]",
    ),
]
FOREIGN_OTHER: list[tuple[str, str]] = [
    ("es", "[hoy|mañana|anoche] [comí|hice|quiero] {dish} con {name}, qué [rico|asco|risa] {emoji}"),
    ("es", "{team} {n}-{n} {team}, qué partido"),
    (
        "es",
        "[El gobierno|La ministra|El alcalde] de {city} [promete|niega] bajar los impuestos el {n} de mes",
    ),
    ("es", "aprendiendo a bailar en la cuarentena, día {n} {emoji}"),
    ("es", "se me acabaron los datos del celular, {n} GB en {n} días"),
    ("fr", "j'ai [mangé|brûlé|raté] {dish} [hier|ce matin|encore] {emoji}"),
    ("fr", "j'en ai [marre|trop marre] de {team}, {n} défaites"),
    ("fr", "j'ai dormi {n} heures, [quelle vie|il pleut|bonjour {city}]"),
    ("fr", "Ai-je le droit de sortir à {city} avec {name} ? #confinement"),
    ("fr", "[Le maire|La ministre] de {city} annonce {money} M€ pour les bus"),
    ("de", "[Heute|Gestern|Morgen] {dish} bei {name}, [lecker|nie wieder|endlich] {emoji}"),
    ("de", "{n} Stunden Bahnfahrt nach {city}, wieder verspätet"),
    ("de", "{team} gegen {team} {n}:{n}, unfassbar"),
    ("de", "ganz {city} redet über das Wetter, die gans im Ofen wird {adj}"),
    ("pt", "ai que [vontade|saudade] de comer {dish} em {city}"),
    ("pt", "ai amiga, {n} dias de quarentena e [já enlouqueci|só {dish}] {emoji}"),
    ("pt", "{team} [ganhou|perdeu] de novo, {n} a {n}"),
    ("pt", "O prefeito de {city} [prometeu|negou] o hospital, {n} meses depois"),
    ("ja", "今日は{dish}を[食べた|作った|焦がした] {emoji}"),
    ("ja", "{city}は[雨|雪|快晴]です、あと{n}日で休み"),
    ("ja", "aiちゃんの新曲、{n}回も聴いた {emoji}"),
    ("ja", "AIさんのライブ最高だった、{city}ありがとう"),
    ("ja", "{game}のAIが[弱すぎる|強すぎる|壊れてる]"),
    ("id", "[lapar|ngantuk|kangen {city}], siapa mau {dish}? {emoji}"),
    ("id", "kerja keras terus, gaji {n} koma {emoji}"),
    ("id", "banjir di {city} jam {hour}, hati-hati semua"),
    ("id", "ai kok gitu sih, {name} marah lagi"),
    ("tr", "bugün {dish} yaptım, [çok güzel|yandı|bitti] {emoji}"),
    ("tr", "{team} {n}-{n} {team}, hakem [rezalet|iyi]"),
    ("tr", "{city} yine [yağmurlu|karlı|sıcak], evdeyiz"),
    ("ms", "ai nak makan {dish} dekat {city}, jom {emoji}"),
    ("tl", "ano ba, {n} oras na sa ML, wala pa ring {dish}"),
    ("it", "ai miei tempi {dish} costava {n} lire {emoji}"),
    ("it", "grazie ai medici di {city}, {n} volte grazie"),
    ("vi", "ai muốn đi {city} cuối tuần {emoji}"),
]
