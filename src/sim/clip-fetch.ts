import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { FetchClip } from './clip.ts';

const MOST_REDIRECTS = 3;

/** Where the answer sends the player, when it goes there: it stays with the scheme. */
function redirection({ statusCode = 0, headers }: IncomingMessage, from: string): string | null {
  const { location } = headers;
  const isMoved = statusCode >= 300 && statusCode <= 399;
  if (!isMoved || location === undefined || !URL.canParse(location, from)) return null;
  const target = new URL(location, from);
  return target.protocol === new URL(from).protocol ? target.href : null;
}

/** A player's GET over a socket of its own. It waits for ever: whoever asked loses patience. */
export const fetchClip: FetchClip = (url, headers, download) => {
  const requests: ClientRequest[] = [];
  let over = false;
  const hangUp = (): void => {
    over = true;
    for (const request of requests) request.destroy();
  };
  const end = (whole: boolean): void => {
    if (over) return;
    hangUp();
    download.ended(whole);
  };
  const read = (response: IncomingMessage): void => {
    response.on('data', (bytes: Buffer) => {
      if (!over) download.came(bytes);
    });
    response.on('end', () => end(response.complete));
    response.on('error', () => end(false));
  };
  const get = (address: string, sent: Readonly<Record<string, string>>): void => {
    const ask = address.startsWith('https:') ? httpsRequest : httpRequest;
    const request = ask(address, { agent: false, headers: sent }, (response) => {
      const next = requests.length > MOST_REDIRECTS ? null : redirection(response, address);
      // A credential is for the address that was ordered.
      if (next !== null) response.resume();
      if (next !== null) get(next, { 'User-Agent': sent['User-Agent'] ?? '' });
      else if (response.statusCode === 200) read(response);
      else end(false);
    });
    request.on('error', () => end(false));
    request.end();
    requests.push(request);
  };
  try {
    get(new URL(url).href, headers);
  } catch {
    // No web address, or a header that cannot be sent.
    end(false);
  }
  return hangUp;
};
