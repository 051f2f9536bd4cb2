import type { ChartData, Finding, Gallery, Table } from '@pareidolia/lab';
import { formatDuration } from '@pareidolia/lab/format';
import { encodePng } from '../image/png.ts';
import { type Html, html, trusted } from '../report/html.ts';
import { STYLE } from '../report/style.ts';
import { drawChart } from './chart.ts';
import type { Chapter, Outcome } from './outcome.ts';
import { QUIZ_STYLE, quizSection } from './quiz.ts';
import { FINDINGS_STYLE } from './report-style.ts';

/** Images up to this many pixels a side are shown with their pixels as squares. */
const SMALL = 100;

/** What pictures may weigh together, in bytes of files. */
const PICTURE_BUDGET = 20_000_000;

/** The page as a string. It loads nothing and runs nothing. */
export async function renderFindings(outcome: Outcome, chapters: readonly Chapter[]): Promise<string> {
  const budget = { left: PICTURE_BUDGET };
  const bodies: Html[] = [];
  for (const [index, chapter] of chapters.entries())
    bodies.push(await chapterSection(chapter, index + 1, outcome, budget));
  const done = outcome.findings.filter(({ verdict }) => verdict !== 'skipped');
  const reproduced = done.filter(({ verdict }) => verdict === 'reproduced').length;
  const title = `${reproduced} of ${done.length} claims reproduced`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="Pareidolia">
<title>${title}</title>
<style>${trusted(STYLE + FINDINGS_STYLE + QUIZ_STYLE)}</style>
</head>
<body>
<main>
<header>
<p class="over"><b>Pareidolia</b> · Deep Neural Networks are Easily Fooled, claim by claim</p>
<h1>${title}<span>${rest(outcome)}</span></h1>
<p class="lead">Each experiment has the claim, the published figure with its source, ours with its spread, and a verdict that follows from the numbers by the rule that stands beside it. Every figure can be traced to a line of the JSON-lines file of its experiment, beside this page.</p>
</header>
<section><h2>At a glance</h2><div class="wide"><table class="glance"><thead><tr><th scope="col">experiment</th><th scope="col">published</th><th scope="col">ours</th><th scope="col">verdict</th></tr></thead><tbody>
${outcome.findings.map(({ name, published, ours, verdict }) => html`<tr><th scope="row"><a href="#${name}">${name}</a></th><td>${published}</td><td>${ours}</td><td>${badge(verdict)}</td></tr>`)}
</tbody></table></div></section>
${bodies}
<footer>Made by Pareidolia ${outcome.version} with ${outcome.runtime}, budget ${outcome.budget}, after Nguyen, Yosinski and Clune, <cite>Deep Neural Networks are Easily Fooled</cite> (CVPR 2015). <code>${outcome.command}</code></footer>
</main>
</body>
</html>
`.toString();
}

function rest({ findings, complete }: Outcome): string {
  const count = (verdict: string): number => findings.filter((finding) => finding.verdict === verdict).length;
  const parts = [
    ...(count('partly reproduced') > 0 ? [`${count('partly reproduced')} partly`] : []),
    ...(count('not reproduced') > 0 ? [`${count('not reproduced')} not`] : []),
    ...(count('skipped') > 0 ? [`${count('skipped')} skipped`] : []),
    ...(complete ? [] : ['stopped before the end']),
  ];
  return parts.length === 0 ? '' : `: ${parts.join(', ')}`;
}

function badge(verdict: string): Html {
  return html`<span class="badge ${verdict.split(' ')[0]!}">${verdict}</span>`;
}

async function chapterSection(
  { experiment, outcome, seconds }: Chapter,
  number: number,
  { budget, crops }: Outcome,
  pictures: { left: number },
): Promise<Html> {
  const { name, title, claim, published, source } = experiment;
  const head = html`<p class="over">Experiment ${number} · ${name}</p><h2>${title}</h2><p class="claim">${claim}</p>`;
  const command = `npx pareidolia reproduce ${name} --budget ${budget}${crops === 1 ? '' : ' --crops 10'}`;
  if ('skipped' in outcome) {
    return html`<section id="${name}" class="chapter">${head}<p class="notice">Skipped: ${outcome.skipped}</p></section>`;
  }
  const { verdict, ours, rule, caveats, tables, charts, galleries, quiz } = outcome;
  return html`<section id="${name}" class="chapter">${head}
<dl class="compare"><div><dt>Published</dt><dd>${published}</dd><dd class="source">${source}</dd></div><div><dt>Ours</dt><dd>${ours}</dd></div><div><dt>Verdict</dt><dd>${badge(verdict)}</dd><dd class="source">${rule}</dd></div></dl>
${await galleriesOf(galleries, pictures)}
${await chartsOf(charts)}
${tables.map(tableOf)}
${quiz === undefined ? '' : await quizSection(quiz, name)}
${caveats.length === 0 ? '' : html`<ul class="how">${caveats.map((caveat) => html`<li>${caveat}</li>`)}</ul>`}
<p class="trace"><code>${command}</code> · ${formatDuration(seconds)} · figures in ${experiment.ledger ?? name}.jsonl</p></section>`;
}

async function galleriesOf(galleries: Finding['galleries'], budget: { left: number }): Promise<Html[]> {
  const shown: Html[] = [];
  for (const gallery of galleries) shown.push(await galleryOf(gallery, budget));
  return shown;
}

async function galleryOf({ title, caption, pictures }: Gallery, budget: { left: number }): Promise<Html> {
  const tiles: Html[] = [];
  let pixels = true;
  for (const { planes, shape, label, note } of pictures) {
    const png = await encodePng(planes, shape);
    budget.left -= png.length;
    if (budget.left < 0) break;
    pixels &&= Math.max(shape.height, shape.width) <= SMALL;
    const source = `data:image/png;base64,${Buffer.from(png).toString('base64')}`;
    tiles.push(html`<li><img src="${source}" alt="${label}" loading="lazy"><p><b>${label}</b><br>${note}</p></li>`);
  }
  return html`<h3>${title}</h3><p class="hint">${caption}</p><ol class="plates${pixels ? ' pixels' : ''}">${tiles}</ol>`;
}

async function chartsOf(charts: readonly ChartData[]): Promise<Html> {
  const figures: Html[] = [];
  for (const chart of charts) {
    const svg = await drawChart(chart);
    figures.push(html`<figure><figcaption><b>${chart.title}</b>${chart.caption}</figcaption>${trusted(svg)}</figure>`);
  }
  return figures.length === 0 ? html`` : html`<div class="charts">${figures}</div>`;
}

function tableOf({ title, caption, head, rows }: Table): Html {
  return html`<h3>${title}</h3><p class="hint">${caption}</p><div class="wide"><table class="figures-table"><thead><tr>${head.map((cell) => html`<th scope="col">${cell}</th>`)}</tr></thead><tbody>${rows.map(
    ([first = '', ...cells]) =>
      html`<tr><th scope="row">${first}</th>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>`,
  )}</tbody></table></div>`;
}
