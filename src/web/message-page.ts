import { type Markup, markup, nothing } from './markup.ts';
import { STYLE } from './style.ts';

/** A page with its HTTP status. */
export interface Page {
  readonly status: number;
  readonly html: string;
}

const NAME = 'Sonos MQTT Bridge';

// Ours, and to the letter what its digest in the policy was made of.
const style: Markup = { html: STYLE };

/** A whole document around its content. It works without scripts and names nothing that would have to be fetched. */
export function page(status: number, title: string, content: Markup): Page {
  const document = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${title} · ${NAME}</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>${title}</h1>
${content}
</main>
</body>
</html>
`;
  return { status, html: document.html };
}

/** A page that says one thing, and leads to `home` when that is given. */
export function messagePage(status: number, title: string, message: string, home: string | null): Page {
  const back = home === null ? nothing : markup`<p><a href="${home}">To the bridge’s page</a></p>`;
  return page(status, title, markup`<p>${message}</p>${back}`);
}
