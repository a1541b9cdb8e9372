/**
 * The page's style. Blue and orange of Okabe and Ito's palette, which people with any colour vision tell apart; the
 * shades are darkened, or lightened, to a contrast of 4.5 on their ground; the reference, of which nothing is written, of 3.
 */
export const STYLE = `
:root { color-scheme: light dark; --ground: #fff; --panel: #f6f7f9; --ink: #1b2430; --soft: #566173; --edge: #d5dae2;
  --reference: #8b96a6; --current: #0067a6; --second: #8a4f9e; --none: #0b6b4f; --watch: #3c5a99; --warning: #8a5a00;
  --critical: #b13a00; --unknown: #566173; }
@media screen and (prefers-color-scheme: dark) { :root { --ground: #12161c; --panel: #1b2129; --ink: #e8ecf1; --soft: #a4afbd;
  --edge: #343d49; --reference: #8793a3; --current: #62b5ec; --second: #d09be0; --none: #56c7a0; --watch: #9db8f0;
  --warning: #f0b440; --critical: #ff8f5c; --unknown: #a4afbd; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem; max-width: 75rem; background: var(--ground); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  overflow-wrap: break-word; }
h1 { font-size: 1.25rem; margin: 0; } h2 { font-size: 1.25rem; margin: 0 0 .5rem; line-height: 1.3; }
h3 { font-size: 1rem; margin: 0 0 .25rem; } h4 { font-size: .9rem; margin: 1rem 0 .25rem; }
p { margin: .25rem 0 .75rem; max-width: 48rem; } a { color: inherit; } small { color: var(--soft); font-weight: normal; }
header p, .of { color: var(--soft); margin: 0; } section { margin: 2rem 0; } header + main > section { margin-top: 1rem; }
a:focus-visible, summary:focus-visible { outline: 3px solid var(--current); outline-offset: 2px; }
.badge { white-space: nowrap; font-weight: 600; color: var(--tone); }
.badge.none, .point.none, .legend .none { --tone: var(--none); } .badge.watch { --tone: var(--watch); }
.warning { --tone: var(--warning); } .critical { --tone: var(--critical); } .unknown { --tone: var(--unknown); }
.badge.none, .badge.watch { font-weight: normal; }
.verdict { background: var(--panel); border: 1px solid var(--edge); border-left: .5rem solid var(--tone, var(--none));
  border-radius: .5rem; padding: 1rem 1.25rem; }
.verdict .head { display: flex; gap: 2rem; justify-content: space-between; align-items: start; }
.verdict h2 { font-size: 1.35rem; max-width: 46rem; text-wrap: pretty; } .verdict h2 .badge { display: block; font-size: 1rem; }
.score { flex: none; text-align: right; margin: 0; line-height: 1.3; } .number { font-size: 2.25rem; font-weight: 700; }
.notice { border: 1px dashed var(--soft); border-radius: .25rem; padding: .5rem .75rem; margin: .75rem 0 0; }
.notice.warning { border: 1px solid var(--tone); border-left-width: .3rem; } .terms { color: var(--soft); font-size: .9rem; margin: .5rem 0 0; max-width: 62rem; }
dl { margin: 0; } dd { margin: 0; } dt { font-weight: 600; }
.answers { margin-top: 1rem; } .answers > div { display: grid; grid-template-columns: 9rem 1fr; gap: 1rem; padding: .5rem 0;
  border-top: 1px solid var(--edge); } .answers dd { max-width: 52rem; } .answers ol, .answers ul { margin: 0; padding-left: 1.25rem; } .answers ul { padding: 0; list-style: none; } .answers li { margin: 0 0 .2rem; }
.who { display: inline-block; padding: 0 .45rem; border: 1px solid var(--edge); border-radius: .25rem; background: var(--ground); color: var(--soft); font-size: .85rem; }
.shares thead th.change { white-space: normal; }
.findings { list-style: none; padding: 0; margin: 0; display: grid; grid-template-columns: 1fr 1fr; gap: .75rem; }
.findings li { border: 1px solid var(--edge); border-left: .3rem solid var(--tone); border-radius: .4rem; padding: .6rem .8rem;
  break-inside: avoid; } .findings h3 small { display: block; }
.findings dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem .75rem; font-size: .9rem; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; } caption { text-align: left; color: var(--soft); padding: .25rem 0; }
th, td { text-align: left; padding: .35rem .5rem; border-bottom: 1px solid var(--edge); vertical-align: middle; }
thead th { color: var(--soft); font-weight: 600; vertical-align: bottom; } tbody th { font-weight: 600; } @media screen and (min-width: 76rem) { .shares th, .cards tbody th { white-space: nowrap; } }
.figure { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; } tr { break-inside: avoid; }
.two { display: grid; grid-template-columns: 3fr 2fr; gap: 1rem 2.5rem; } .two > div { min-width: 0; }
.statistics th { font-weight: normal; } .statistics .figure { white-space: normal; }
.shares th { font-weight: normal; } .shares .bars { width: 38%; min-width: 5.5rem; padding: .35rem 0; border-left: 1px solid var(--soft); }
.bar { display: block; height: .55rem; min-width: 1px; } .bar.reference, .key.reference {
  background: repeating-linear-gradient(135deg, var(--reference) 0 2px, transparent 2px 4px); border: 1px solid var(--reference); }
.bar.current, .key.current { background: var(--current); border: 1px solid var(--current); }
.key { display: inline-block; width: 1.6rem; height: .7rem; } .legend { font-size: .9rem; } .legend > span { margin-right: 1.25rem; white-space: nowrap; }
.legend span span:not(.key) { color: var(--tone); }
details { border-top: 1px solid var(--edge); padding: .5rem 0; } summary { cursor: pointer; padding: .35rem 0; }
summary h3 { display: inline; } details .two { scroll-margin-top: 3rem; padding: .5rem 0 1rem; }
.plot { display: grid; grid-template: 12rem auto / auto 1fr; gap: .25rem .5rem; margin: .75rem 0; font-size: .8rem; color: var(--soft); }
.two .plot { grid-template-rows: 8rem auto; } .two .cumulative { grid-template-rows: 11rem auto; }
.axis { display: flex; flex-direction: column; justify-content: space-between; text-align: right; min-width: 2.5rem; font-variant-numeric: tabular-nums; }
.area { position: relative; border-left: 1px solid var(--soft); border-bottom: 1px solid var(--soft); }
.area svg { position: absolute; width: 100%; height: 100%; overflow: visible; }
.dates { grid-column: 2; display: flex; justify-content: space-between; } figcaption { grid-column: 2; font-size: .85rem; color: var(--ink); }
.line, .rule, .widest { fill: none; vector-effect: non-scaling-stroke; } .line { stroke: var(--current); stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
.line.second { stroke: var(--second); } .line.reference { stroke: var(--reference); stroke-dasharray: 5 3; }
.rule { stroke: var(--tone, var(--edge)); stroke-dasharray: 4 3; } .rule.warning { stroke-dasharray: 2 3; }
.rule.reference { stroke: var(--reference); } .widest { stroke: var(--critical); stroke-width: 2; }
.gap { fill: var(--edge); opacity: .6; } circle.point { fill: var(--current); }
.mark { position: absolute; left: .4rem; transform: translateY(-105%); background: var(--ground); padding: 0 .2rem; line-height: 1.2; }
.area .point { position: absolute; transform: translate(-50%, -50%); font-size: 1rem; line-height: 1; color: var(--tone, var(--current)); }
.area .small { font-size: .6rem; } .area .second { color: var(--second); } .spark { display: block; }
footer { border-top: 2px solid var(--edge); font-size: .9rem; } footer section { margin-top: 1rem; } footer ul { margin: .25rem 0 .75rem; padding-left: 1.25rem; }
@media print, (max-width: 76rem) { .cards .figure { white-space: normal; } .two { grid-template-columns: minmax(0, 1fr); } .cards .badge { white-space: normal; } .cards th, .cards td { padding: .3rem; } }
@media screen and (max-width: 56rem) {
  .verdict .head { flex-direction: column; gap: .5rem; } .score { text-align: left; } .verdict { padding: .75rem 1rem; } .verdict h2 { font-size: 1.25rem; }
  .answers > div { grid-template-columns: 1fr; gap: 0; } .findings { grid-template-columns: minmax(0, 1fr); }
  .cards, .cards caption, .cards tbody, .cards tr, .cards th, .cards td { display: block; }
  .cards thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .cards tr { border: 1px solid var(--edge); border-radius: .4rem; padding: .4rem .6rem; margin: .5rem 0; }
  .cards th, .cards td { border: 0; padding: .1rem 0; } .cards td { display: flex; gap: 1rem; justify-content: space-between; text-align: right; white-space: normal; }
  .cards td::before { content: attr(data-heading); color: var(--soft); white-space: nowrap; }
  .shares .change { display: none; } .shares th { overflow-wrap: anywhere; } .shares th, .shares td { padding: .3rem .25rem; } .shares .bars { width: 30%; min-width: 4rem; } }
@media print { .cards { font-size: .72rem; } .shares th { white-space: nowrap; } .bar.reference, .key.reference { background: none; } body { max-width: none; font-size: 10pt; } .bar, .key, .verdict, .gap { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  section, .verdict { margin: 1rem 0; } h2, h3, summary { break-after: avoid; } .plot { break-inside: avoid; }
  details:not([open])::details-content { content-visibility: visible; display: block; block-size: auto; } }
`;
