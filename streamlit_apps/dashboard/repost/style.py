"""The style of the page To repost, beside that of the tagger, which it shares."""

STYLE = """
<style>
.ts-cards { font-size: .95rem; padding-inline-start: 2.2rem; margin: 0; }
.ts-cards li { padding: .25rem .4rem; overflow-wrap: anywhere; border-radius: .35rem; }
.ts-cards li.now { background: rgba(28, 131, 225, .14); box-shadow: inset 3px 0 #1c83e1; }
.ts-cards bdi { unicode-bidi: isolate; }
.ts-site { font-weight: 600; }
.ts-marks a { color: inherit; text-decoration: underline; }
.ts-marks a:focus-visible { outline: 3px solid #1c83e1; outline-offset: 2px; }
[data-item] { min-height: 6.5rem; }
.st-key-head { flex-wrap: nowrap; }
.st-key-head > :first-child { min-width: 0; flex: 1 1 0; }
.st-key-keys :is(a, button), .st-key-moves :is(a, button) { white-space: nowrap; min-height: 2.75rem;
  width: 100%; }
[class*="st-key-repost_"] :is(a, button):not([disabled]):not([aria-disabled=true]) {
  background: #0b57a4; border-color: #0b57a4; color: #fff; }
[class*="st-key-repost_"] :is(a, button):not([disabled]):hover { background: #084680; color: #fff; }
:is(.st-key-keys, .st-key-moves) a [aria-label^="Shortcut"] { opacity: 1; color: inherit; }
</style>
"""
