"""Posts that would harm a page, a file or a reader who trusts them."""

from __future__ import annotations

SCRIPT = "<script>document.title = 'harmed'</script><img src=x onerror=\"document.title = 'harmed'\">"
MARKDOWN = "**bold** :red[x] $a$ ![i](https://x.example/y) [click](javascript:alert(1))"
TURNED = "\u202egnp.exe\u202c zero\u200bwidth"
FORMULA = "=HYPERLINK(1)"

POST = f"{FORMULA} {SCRIPT} {MARKDOWN} {TURNED} neural networks read this"
