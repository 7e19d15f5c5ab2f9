import { type Markup, markup, nothing } from './markup.ts';

/** A page with its HTTP status. */
export interface Page {
  readonly status: number;
  readonly html: string;
}

/** What the pages call the program. */
export const NAME = 'Sonos MQTT Bridge';

/** A whole document around its content. Every page works without scripts and reads well without its style. */
export function page(status: number, title: string, content: Markup): Page {
  const document = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${title === NAME ? NAME : `${title} · ${NAME}`}</title>
<link rel="stylesheet" href="/style.css">
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
