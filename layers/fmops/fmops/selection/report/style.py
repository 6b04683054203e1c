"""The page's one style sheet: light and dark, a phone's width, and paper."""

STYLE = """
:root{color-scheme:light dark;--page:#f4f5f7;--card:#fff;--ink:#16191d;--soft:#565e69;--line:#d5d9df;--faint:#eceef1;
--good:#0b6b3a;--good-back:#e2f3e8;--bad:#a8201a;--bad-back:#fbe6e4;--open:#7a5200;--open-back:#fdf0d3;--mark:#1f5fbf}
@media (prefers-color-scheme:dark){:root{--page:#0f1215;--card:#181c21;--ink:#e8ebee;--soft:#a2abb6;--line:#363d46;
--faint:#232930;--good:#5fd08f;--good-back:#12301f;--bad:#ff8f86;--bad-back:#3a1715;--open:#f0bf57;
--open-back:#352705;
--mark:#7fb2ff}}
*{box-sizing:border-box}
body{font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;margin:0;background:var(--page);
color:var(--ink);
overflow-wrap:anywhere;font-variant-numeric:tabular-nums}
main{max-width:64rem;margin:0 auto;padding:1rem}
h1{font-size:1rem;font-weight:600;color:var(--soft);margin:.5rem 0 1rem}
h2{font-size:1.15rem;margin:0 0 .35rem}h3{font-size:1rem;margin:1.25rem 0 .25rem}
p{margin:.35rem 0}.hint,figcaption{color:var(--soft);font-size:.875rem}
section{background:var(--card);border:1px solid var(--line);border-radius:.6rem;padding:1rem 1.15rem;margin:0 0 1rem}
.verdict{border-left:.4rem solid var(--tone);background:var(--back)}
.verdict .badge{display:inline-block;font-weight:700;letter-spacing:.03em;color:var(--card);background:var(--tone);
border-radius:.3rem;padding:.1rem .6rem}
.verdict .sentence{font-size:1.4rem;line-height:1.3;font-weight:650;margin:.6rem 0 .4rem}
.good{--tone:var(--good);--back:var(--good-back)}.bad{--tone:var(--bad);--back:var(--bad-back)}
.open{--tone:var(--open);--back:var(--open-back)}.plain{--tone:var(--mark);--back:var(--faint)}
.muted{--tone:var(--soft);--back:var(--faint)}
dl.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(8.4rem,1fr));gap:.6rem 1rem;margin:.9rem 0 0}
dl.facts dt{color:var(--soft);font-size:.8rem}dl.facts dd{margin:0;font-weight:600}
nav ul{display:flex;flex-wrap:wrap;gap:.2rem 1rem;list-style:none;padding:0;margin:0 0 1rem;font-size:.9rem}
a{color:var(--mark)}
.rows{display:grid;grid-template-columns:minmax(7rem,13rem) 1fr minmax(11rem,max-content);gap:0 1rem;
align-items:center;
margin:.5rem 0}
.rows>.who{padding:.2rem 0}.rows small{color:var(--soft)}.two small,.rows>.num small{display:block}
.rows>.num{font-size:.9rem;padding:.2rem 0}
svg{display:block;width:100%;overflow:visible}
svg text{fill:var(--soft);font-size:12px;text-anchor:middle}
svg.interval{height:34px}.two svg.interval{height:48px}svg.axis{height:24px}svg.plot{height:340px;margin:.25rem 0}
.span{stroke:var(--tone);stroke-width:2.5}.dot{fill:var(--tone);stroke:var(--card);stroke-width:1.5}
.zero{stroke:var(--soft);stroke-width:1}.margin{stroke:var(--soft);stroke-width:1;stroke-dasharray:2 3}
.limit{stroke:var(--bad);stroke-width:1.5;stroke-dasharray:5 3}.tick{stroke:var(--soft)}
.field{fill:none;stroke:var(--line)}.grid{stroke:var(--line);stroke-width:.75}
.step{stroke:var(--good);stroke-width:1.75;stroke-dasharray:6 3}
.point{fill:var(--card);stroke:var(--tone);stroke-width:2}.point.front{fill:var(--tone)}
svg text.inside{fill:var(--tone);font-weight:700}svg text.inside.front{fill:var(--card)}
svg text.end{text-anchor:end}svg text.start{text-anchor:start}
.plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(17rem,1fr));gap:1rem}figure{margin:0}
.key{display:inline-block;margin-right:1rem;white-space:nowrap}
.key b{display:inline-block;width:1.3rem;border-top:2px dashed var(--soft);vertical-align:middle;margin-right:.35rem}
.key b.limit-key{border-color:var(--bad)}
ul.checks{list-style:none;padding:0;margin:.4rem 0}
ul.checks li{display:grid;grid-template-columns:7.2rem 1fr;gap:.75rem;padding:.35rem 0;
border-top:1px solid var(--faint)}
.pill{justify-self:start;align-self:start;font-size:.8rem;font-weight:650;color:var(--tone);background:var(--back);
border-radius:1rem;padding:.1rem .6rem;white-space:nowrap}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.92rem;overflow-wrap:break-word}
th,td{text-align:left;vertical-align:top;padding:.4rem .7rem .4rem 0;border-bottom:1px solid var(--faint);
min-width:5.5rem}
thead th{color:var(--soft);font-size:.8rem;font-weight:600;border-bottom-color:var(--line)}
code{font:.82rem ui-monospace,Menlo,Consolas,monospace;overflow-wrap:anywhere}
article{border-top:1px solid var(--line);padding:.8rem 0}
article header{display:flex;flex-wrap:wrap;gap:.2rem .8rem;align-items:baseline;margin-bottom:.4rem}
article header b{font-size:1rem}article header span{color:var(--soft);font-size:.85rem}
.said,.asked{display:grid;grid-template-columns:1fr 1fr;gap:.5rem}.asked{grid-template-columns:2fr 1fr}
.quote{background:var(--faint);border-radius:.4rem;padding:.45rem .65rem;margin:0}
.said{margin-top:.5rem}
.said .quote{border-left:.25rem solid var(--tone)}
.quote small{display:block;color:var(--soft);margin-bottom:.1rem}
.quote div{white-space:pre-wrap;font-size:.92rem}
footer{color:var(--soft);font-size:.85rem;padding:0 0 2rem}
@media (max-width:40rem){main{padding:.6rem}section{padding:.85rem .8rem;border-radius:.45rem}
.verdict .sentence{font-size:1.2rem}.rows{grid-template-columns:1fr;gap:0}.rows>.num{padding:0 0 .7rem}
.rows>.gap{display:none}.said,.asked{grid-template-columns:1fr}
ul.checks li{grid-template-columns:1fr;gap:.15rem}svg.plot{height:290px}}
@media print{th,td{min-width:0;font-size:8.5pt;padding-right:.4rem}
:root{color-scheme:light;--page:#fff;--card:#fff;--ink:#000;--soft:#444;--line:#bbb;--faint:#eee;
--good:#0b6b3a;
--good-back:#fff;--bad:#a8201a;--bad-back:#fff;--open:#7a5200;--open-back:#fff;--mark:#1f5fbf}
body{font-size:10pt;print-color-adjust:exact;-webkit-print-color-adjust:exact}nav{display:none}main{max-width:none;
padding:0}
section{border:0;border-top:1px solid #bbb;border-radius:0;padding:.6rem 0}article,figure,.rows,li,tr{
break-inside:avoid}
h2,h3{break-after:avoid}.scroll{overflow:visible}}
"""
