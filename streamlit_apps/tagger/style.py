"""The style of the tagger's pages.

Text has a contrast of at least 4.5 to 1 in both themes, the keys stand above the post and never move with
it, and what a hostile post stacks or turns stays inside its box.
"""

STYLE = """
<style>
.ts-post { font-size: 1.45rem; line-height: 1.5; white-space: pre-wrap; overflow-wrap: anywhere;
           unicode-bidi: plaintext; min-height: 9rem; max-height: 55vh; overflow-y: auto; overflow-x: hidden;
           padding: .25rem .25rem; }
.ts-post:focus-visible { outline: 3px solid #1c83e1; outline-offset: 2px; }
.ts-post mark { background: rgba(255, 196, 0, .35); color: inherit; border-radius: .25rem; padding: 0 .1em; }
.ts-turned { font-size: .8em; border: 1px solid; border-radius: .25rem; padding: 0 .2em; }
.ts-marks { font-size: .9rem; overflow-wrap: anywhere; }
.ts-chips { display: flex; flex-wrap: wrap; gap: .35rem; }
.ts-chip { font-size: .85rem; border-radius: 1rem; padding: .1rem .65rem; border: 1px solid; }
.ts-chip.ai { background: rgba(28, 131, 225, .14); border-color: rgba(28, 131, 225, .6); }
.ts-chip.not { background: rgba(255, 150, 30, .16); border-color: rgba(255, 150, 30, .6); }
.ts-chip.by { border-style: dashed; }
.ts-team { width: 100%; font-size: .9rem; border-collapse: collapse; }
.ts-team th, .ts-team td { text-align: start; padding: .2rem .4rem; overflow-wrap: anywhere;
           border-bottom: 1px solid rgba(128, 128, 128, .35); }

/* AI blue and filled, not AI orange: told apart by colour, by lightness beside it, by icon and by word. */
[class*="st-key-ai_"] button:enabled { background: #0b57a4; border-color: #0b57a4; color: #fff; }
[class*="st-key-ai_"] button:enabled:hover { background: #084680; color: #fff; }
[class*="st-key-not_ai_"] button:enabled { background: #8f4300; border-color: #8f4300; color: #fff; }
[class*="st-key-not_ai_"] button:enabled:hover { background: #703400; color: #fff; }
.stButton button [aria-label^="Shortcut"] { opacity: 1; color: inherit; }
.stApp :is(a, button):focus-visible { outline: 3px solid #1c83e1; outline-offset: 2px; }
.stMain:focus-visible { outline: 3px solid #1c83e1; outline-offset: -3px; }
/* A grid: widths that follow the words would change with them, and no key would stand below another. */
.st-key-keys, .st-key-moves { display: grid; grid-template-columns: repeat(4, minmax(0, 1fr)); gap: 1rem; }
.st-key-keys > *, .st-key-moves > * { width: 100%; }
.st-key-keys button, .st-key-moves button { white-space: nowrap; min-height: 2.75rem; }
/* One line, however long a name is: a second one would move the keys. */
.st-key-work { flex-wrap: nowrap; }
.st-key-work > :first-child { min-width: 0; flex: 1 1 0; }
.st-key-work .stText, .st-key-work .stText span { display: block; white-space: nowrap; overflow: hidden;
           text-overflow: ellipsis; }
[data-testid="stMainBlockContainer"] { padding-top: 5rem; }
.st-key-guideline { max-height: 60vh; overflow-y: auto; }

@media (max-width: 960px) {
  .st-key-keys, .st-key-moves { grid-template-columns: repeat(2, minmax(0, 1fr)); gap: .5rem; }
}
@media (max-width: 640px) {
  [data-testid="stMainBlockContainer"] { padding-top: 4rem; }
  .ts-post { font-size: 1.2rem; }
  /* The guideline opens where it is seen, above the keys, and not below everything else. */
  .stHorizontalBlock:has(.st-key-guideline) > :has(.st-key-guideline) { order: -1; }
  .stHorizontalBlock:has(.st-key-guideline) .st-key-team { display: none; }
  .st-key-guideline { max-height: 35vh; }
}
</style>
"""
