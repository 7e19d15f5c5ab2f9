import { err, ok, type Result } from '../bridge/result.ts';
import type { SignedFields } from './signature.ts';

/** What the headers of an event say. Only the signed fields can be believed, and those once the signature is checked. */
export interface EventHeaders extends SignedFields {
  /** Not signed (docs.sonos.com, "Subscribe"). */
  readonly household: string;
  /** 43 characters of base64url. */
  readonly signature: string;
}

/** Why headers cannot be those of an event. */
export type HeaderProblem = 'header_missing' | 'header_doubled' | 'header_malformed';

interface HeaderRule {
  readonly field: keyof EventHeaders;
  readonly grammar: RegExp;
}

/**
 * The signed fields are joined without a separator, so each is held to an alphabet of its own: the sequence number
 * is digits only and no word begins with a digit, so where the number ends is never in doubt; the table of known
 * events does the rest, see `canBe`. A sequence number is canonical, so that it can be compared.
 */
const RULES: ReadonlyMap<string, HeaderRule> = new Map<string, HeaderRule>([
  ['x-sonos-household-id', { field: 'household', grammar: /^[A-Za-z0-9_.-]{1,128}$/ }],
  ['x-sonos-namespace', { field: 'namespace', grammar: /^[A-Za-z][A-Za-z0-9]{0,63}$/ }],
  ['x-sonos-type', { field: 'type', grammar: /^[A-Za-z][A-Za-z0-9]{0,63}$/ }],
  ['x-sonos-target-type', { field: 'targetType', grammar: /^[A-Za-z]{1,32}$/ }],
  ['x-sonos-target-value', { field: 'target', grammar: /^[A-Za-z0-9_.:@-]{1,128}$/ }],
  ['x-sonos-event-seq-id', { field: 'sequence', grammar: /^(0|[1-9][0-9]{0,19})$/ }],
  // 43 characters hold two bits more than 32 bytes; a canonical spelling leaves them zero.
  ['x-sonos-event-signature', { field: 'signature', grammar: /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/ }],
]);

/** The seven headers once each, by field; a header that comes twice is an error even when both say the same. */
function collect(rawHeaders: readonly string[]): Result<ReadonlyMap<string, string>, HeaderProblem> {
  const values = new Map<string, string>();
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const field = RULES.get((rawHeaders[index] ?? '').toLowerCase())?.field;
    if (field === undefined) continue;
    if (values.has(field)) return err('header_doubled');
    values.set(field, rawHeaders[index + 1] ?? '');
  }
  return ok(values);
}

/**
 * Reads the `X-Sonos-*` headers of an event from Node's `rawHeaders` (names and values in turn, as they arrived):
 * names in any case, each exactly once, each value inside its grammar. `headers` would not do, since Node joins a
 * doubled one with a comma.
 */
export function readHeaders(rawHeaders: readonly string[]): Result<EventHeaders, HeaderProblem> {
  const collected = collect(rawHeaders);
  if (!collected.ok) return collected;
  const values = collected.value;
  if (values.size < RULES.size) return err('header_missing');
  for (const { field, grammar } of RULES.values()) {
    if (!grammar.test(values.get(field) ?? '')) return err('header_malformed');
  }
  const value = (field: keyof EventHeaders): string => values.get(field) ?? '';
  return ok({
    household: value('household'),
    namespace: value('namespace'),
    type: value('type'),
    targetType: value('targetType'),
    target: value('target'),
    sequence: value('sequence'),
    signature: value('signature'),
  });
}
