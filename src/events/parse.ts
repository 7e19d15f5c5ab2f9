import { err, ok, type Result } from '../bridge/result.ts';
import type { SonosEvent } from '../bridge/sonos.ts';
import type { EventHeaders } from './headers.ts';
import { canBe, type EventTargetKind, knownEventOf } from './known-events.ts';

/** A correctly signed event as it came. */
export interface Envelope {
  readonly headers: EventHeaders;
  readonly body: string;
  /** Wall time of arrival, milliseconds. */
  readonly at: number;
}

/** Whether a household is ours, and whether a target is one of it; a household is asked for as a target of itself. */
export type Knows = (household: string, kind: EventTargetKind, target: string) => boolean;

/** Why a correctly signed event has no effect. */
export type IgnoredReason =
  | 'unknown_triple'
  | 'unknown_household'
  | 'unknown_target'
  | 'body_not_json'
  | 'body_too_complex'
  | 'body_not_of_its_type';

const MAX_DEPTH = 32;
const MAX_VALUES = 20_000;

/** How many values stand in a parsed one, itself included; infinitely many when it is deeper than any honest one. */
function countOf(value: unknown, depth: number): number {
  if (typeof value !== 'object' || value === null) return 1;
  if (depth >= MAX_DEPTH) return Number.POSITIVE_INFINITY;
  let count = 1;
  // What JSON.parse made has nothing inherited. The depth is bounded, and with it the stack.
  for (const key in value) count += countOf(value[key as keyof typeof value], depth + 1);
  return count;
}

/** A body as JSON: at most 32 levels and 20,000 values (a `groups` event of four rooms has some 400). */
function readJson(text: string): Result<unknown, 'body_not_json' | 'body_too_complex'> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return err('body_not_json');
  }
  return countOf(value, 1) > MAX_VALUES ? err('body_too_complex') : ok(value);
}

/**
 * Reads a correctly signed event: what it is by the table, whose it is by what `knows` says, and its body by the
 * schema of its row. The household header is not signed, so the target must be one that the household has.
 */
export function readEvent(envelope: Envelope, knows: Knows): Result<SonosEvent, IgnoredReason> {
  const { household, namespace, type, targetType, target, sequence } = envelope.headers;
  const known = knownEventOf(namespace, type, targetType);
  if (known === null) return err('unknown_triple');
  if (!canBe('household', household) || !knows(household, 'household', household)) {
    return err('unknown_household');
  }
  const { kind } = known;
  if (!canBe(kind, target) || !knows(household, kind, target)) return err('unknown_target');
  if (kind === 'household' && target !== household) return err('unknown_target');
  const json = readJson(envelope.body);
  if (!json.ok) return json;
  const body = known.read(json.value);
  if (!body.success) return err('body_not_of_its_type');
  return ok({ household, namespace, type, target, sequence, body: body.data, at: envelope.at });
}
