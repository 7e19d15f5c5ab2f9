import type { IncomingHttpHeaders } from 'node:http';

/**
 * Whether a GET may act. The page's own guard lets a person follow a link from anywhere, because reading changes nothing;
 * here that would let any page turn the music up. A browser that says where a request comes from is believed: it was
 * typed, kept as a bookmark, or comes from our own page. One that does not say so (plain http to another machine) is
 * refused, since an image of a strange page looks the same. What fetches ahead does not act either. Whatever is no
 * browser is not led by pages.
 */
export function mayAct(headers: IncomingHttpHeaders): boolean {
  const purpose = [headers['sec-purpose'], headers.purpose, headers['x-moz'], headers['x-purpose']].join(' ');
  if (/prefetch|prerender|preview/i.test(purpose)) return false;
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'none' || site === 'same-origin';
  // Every browser's name begins like that, and no page can change it without asking first (Fetch, CORS preflight).
  return !/^\s*Mozilla\//i.test(headers['user-agent'] ?? '');
}
