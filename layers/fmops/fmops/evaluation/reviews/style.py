"""The style sheet of the reviewers' pages: light and dark, a phone's width, and a keyboard."""

STYLE = """
:root{color-scheme:light dark;--page:#f4f5f7;--card:#fff;--ink:#16191d;--soft:#565e69;--line:#c3c9d1;--faint:#eceef1;
--mark:#1f5fbf;--mark-ink:#fff;--bad:#a8201a;--bad-back:#fbe6e4}
@media (prefers-color-scheme:dark){:root{--page:#0f1215;--card:#181c21;--ink:#e8ebee;--soft:#a2abb6;--line:#4a535e;
--faint:#232930;--mark:#7fb2ff;--mark-ink:#0f1215;--bad:#ff8f86;--bad-back:#3a1715}}
*{box-sizing:border-box}
body{font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;margin:0;background:var(--page);
color:var(--ink);overflow-wrap:anywhere}
main{max-width:64rem;margin:0 auto;padding:1rem}
h1{font-size:1.35rem;line-height:1.25;margin:.75rem 0}h2{font-size:1rem;margin:0 0 .35rem;color:var(--soft)}
p{margin:.5rem 0}.hint{color:var(--soft);font-size:.9rem}
a{color:var(--mark)}
.top{display:flex;flex-wrap:wrap;gap:.25rem 1rem;align-items:center;color:var(--soft);font-size:.9rem}
progress{width:9rem;height:.7rem;accent-color:var(--mark)}
.card{background:var(--card);border:1px solid var(--line);border-radius:.6rem;padding:.9rem 1.1rem;margin:0 0 1rem}
.pair{display:grid;grid-template-columns:1fr 1fr;gap:1rem}.pair .card{margin:0}
.text{white-space:pre-wrap;max-height:60vh;overflow-y:auto}
.none{color:var(--soft);font-style:italic}
fieldset{border:0;margin:1rem 0;padding:0;display:grid;grid-template-columns:repeat(4,1fr);gap:.6rem}
legend{font-weight:650;padding:0;margin-bottom:.5rem}
.choice{display:flex;gap:.6rem;align-items:center;background:var(--card);border:1px solid var(--line);
border-radius:.6rem;padding:.75rem .9rem;cursor:pointer;min-height:3.2rem}
.choice:has(:checked){border-color:var(--mark);box-shadow:inset 0 0 0 1px var(--mark)}
.choice:has(:focus-visible){outline:3px solid var(--mark);outline-offset:2px}
.choice input{width:1.2rem;height:1.2rem;margin:0;accent-color:var(--mark);flex:none}
.thumb{width:1.15em;height:1.15em;fill:var(--mark);vertical-align:-.15em}.thumb.down{transform:rotate(180deg);
fill:var(--bad)}
textarea{font:inherit;color:inherit;background:var(--card);width:100%;padding:.6rem;border:1px solid var(--line);
border-radius:.4rem}
button{font:inherit;font-weight:650;color:var(--mark-ink);background:var(--mark);border:0;border-radius:.5rem;
padding:.75rem 1.6rem;cursor:pointer;min-height:3rem}
button:focus-visible,a:focus-visible,textarea:focus-visible,.text:focus-visible{outline:3px solid var(--mark);
outline-offset:2px}
.problem{background:var(--bad-back);color:var(--bad);border-radius:.4rem;padding:.6rem .9rem;font-weight:600}
nav{margin-top:2rem;border-top:1px solid var(--line);padding-top:.75rem}
nav ol{list-style:none;display:flex;flex-wrap:wrap;gap:.4rem;padding:0;margin:.5rem 0}
nav ol a{display:inline-block;min-width:2.75rem;text-align:center;padding:.5rem .4rem;border:1px solid var(--line);
border-radius:.4rem;text-decoration:none;background:var(--card)}
nav ol a.done{background:var(--faint);color:var(--soft)}
nav ol a[aria-current]{border-color:var(--mark);box-shadow:inset 0 0 0 1px var(--mark)}
@media (max-width:44rem){main{padding:.7rem}.pair{grid-template-columns:1fr;gap:.7rem}
fieldset{grid-template-columns:1fr;gap:.5rem}button{width:100%}}
"""
