import { err, ok, type Result } from '../../bridge/result.ts';

/** An address as that project's callers write it: its levels, decoded one by one, and what stands after a `?`. */
export interface ApiAddress {
  readonly levels: readonly string[];
  /** With its question mark; empty when there is none. */
  readonly query: string;
}

/** Reads the target of a request. An encoded slash stays inside its level; a `+` is no blank. */
export function readAddress(target: string): Result<ApiAddress, string> {
  const mark = target.indexOf('?');
  const path = mark === -1 ? target : target.slice(0, mark);
  const query = mark === -1 ? '' : target.slice(mark);
  if (!path.startsWith('/')) return err('The address does not begin with a slash.');
  try {
    const levels = path.slice(1).split('/').map(decodeURIComponent);
    // A slash at the end names nothing.
    const named = levels.at(-1) === '' ? levels.slice(0, -1) : levels;
    return ok({ levels: named, query: decodeURIComponent(query) });
  } catch {
    return err('A "%" in the address is not followed by two hexadecimal digits of UTF-8. Write it as %25.');
  }
}
