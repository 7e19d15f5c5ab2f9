import type { IncomingHttpHeaders } from 'node:http';

/** Why a request is refused as another site's; `ours` when it is not. */
export type SiteVerdict = 'ours' | 'another_origin' | 'another_site' | 'embedded';

/** Whether an Origin names the host of the Host header; a proxy may have changed the scheme, so that is not compared. */
function isSameHost(origin: string, host: string): boolean {
  if (!/^https?:\/\//.test(origin) || !URL.canParse(origin)) return false;
  const { protocol, host: expected, origin: serialized } = new URL(origin);
  // Browsers spell it in one way; whatever has another spelling did not come from one.
  if (serialized !== origin) return false;
  const address = `${protocol}//${host}`;
  return URL.canParse(address) && new URL(address).host === expected;
}

/**
 * Whether a request comes from a page of our own, from outside any browser, or from a person who followed a link.
 * Browsers send `Sec-Fetch-*` to https and to this machine (Fetch Metadata), and `Origin` with every POST (Fetch);
 * of these a page elsewhere can forge neither.
 */
export function judgeSite(method: string, headers: IncomingHttpHeaders): SiteVerdict {
  const { origin, host = '' } = headers;
  const site = headers['sec-fetch-site'] ?? 'none';
  const ours = site === 'same-origin' || site === 'none';
  if (method !== 'GET' && method !== 'HEAD') {
    if (origin !== undefined && !isSameHost(origin, host)) return 'another_origin';
    return ours ? 'ours' : 'another_site';
  }
  // Reading changes nothing; but only a person may bring it here, no frame, image or script elsewhere.
  const followed = headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
  return ours || followed ? 'ours' : 'embedded';
}
