/** A request as the simulated Sonos reads it, independent of sockets. */
export interface SimRequest {
  readonly method: string;
  /** Path and query, as sent. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}

/**
 * An answer. `fate` says what becomes of it: `answered` arrives; `hanging` never does, the connection stays open;
 * `lost` was carried out (or not, as the fault says) and the connection breaks before the answer arrives.
 */
export interface SimResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly fate: 'answered' | 'hanging' | 'lost';
}

/** A JSON answer. */
export function jsonResponse(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): SimResponse {
  const all = { 'Content-Type': 'application/json', ...headers };
  return { status, headers: all, body: JSON.stringify(body), fate: 'answered' };
}

/** An answer of another kind. */
export function textResponse(
  status: number,
  type: string,
  body: string,
  headers: Record<string, string> = {},
): SimResponse {
  return { status, headers: { 'Content-Type': type, ...headers }, body, fate: 'answered' };
}

/** Path and query apart. */
export function splitPath(path: string): { readonly pathname: string; readonly query: URLSearchParams } {
  const mark = path.indexOf('?');
  if (mark === -1) return { pathname: path, query: new URLSearchParams() };
  return { pathname: path.slice(0, mark), query: new URLSearchParams(path.slice(mark + 1)) };
}
