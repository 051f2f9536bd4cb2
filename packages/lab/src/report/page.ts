import { type Html, html, trusted } from './html.ts';
import { STYLE } from './style.ts';

/** A script of a page. */
export interface PageScript {
  readonly text: string;
  /** SHA-256 of the text in base64, by which the page's security policy allows it and nothing else. */
  readonly sha256: string;
}

/** What a page is made of. */
export interface Page {
  /** Of the browser's window. */
  readonly title: string;
  /** The line above the heading, after the name of the program. */
  readonly over: string;
  /** The heading; `finding` is set in a lighter color after it. */
  readonly verdict: string;
  readonly finding: string;
  /** What is looked at, in a paragraph. */
  readonly lead: string;
  /** What follows the lead inside the header. */
  readonly header?: Html | readonly Html[];
  readonly body: readonly Html[];
  readonly footer: Html;
  /** Rules of this kind of page, after those of all pages. */
  readonly style?: string;
  readonly script?: PageScript;
}

/**
 * A page as a string: one HTML file that loads nothing. Its content security policy forbids every script but the given one,
 * and all text that is not {@link Html} is escaped.
 */
export function renderPage({ title, over, verdict, finding, lead, header, body, footer, style, script }: Page): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy(script)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="Pareidolia">
<title>${title}</title>
<style>${trusted(STYLE)}${trusted(style ?? '')}</style>
</head>
<body>
<main>
<header>
<p class="over"><b>Pareidolia</b> · ${over}</p>
<h1>${verdict}<span>${finding}</span></h1>
<p class="lead">${lead}</p>
${header ?? ''}
</header>
${body}
<footer>${footer}</footer>
</main>${script === undefined ? '' : html`\n<script>${trusted(script.text)}</script>`}
</body>
</html>
`.toString();
}

function policy(script: PageScript | undefined): string {
  const scripts = script === undefined ? '' : ` script-src 'sha256-${script.sha256}';`;
  return `default-src 'none'; img-src data:; style-src 'unsafe-inline';${scripts} base-uri 'none'; form-action 'none'`;
}

/** A section that says how to make the results again. */
export function commandBox(command: string, button: Html | '' = ''): Html {
  // Lines break at spaces, not at the hyphens of options.
  const words = command.split(' ').map((word, index) => html`${index > 0 ? ' ' : ''}<span>${word}</span>`);
  return html`<div class="command"><pre id="command">${words}</pre>${button}</div>`;
}
