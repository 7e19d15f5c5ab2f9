import { shippedChannels, shippedFault } from '../../support/shipped-contract.ts';
import type { Faults } from './messages.ts';

/** The JSON values of a text, one behind the other. */
function jsonValues(text: string): unknown[] {
  const lines = text.split('\n');
  const values: unknown[] = [];
  let begun = '';
  for (const line of lines) {
    begun = begun === '' ? line : `${begun}\n${line}`;
    if (begun.trim() === '') begun = '';
    try {
      if (begun !== '') values.push(JSON.parse(begun));
      begun = '';
    } catch {
      // It goes on in the next line.
    }
  }
  if (begun !== '') throw new SyntaxError(`this is no JSON: ${begun.slice(0, 80)}`);
  return values;
}

const own = (value: unknown, key: string): boolean => Object.hasOwn(Object(value), key);

/** What cannot be anything else, so that its faults can be named. */
const SIGNS: readonly (readonly [keys: readonly string[], schema: string])[] = [
  [['event_type'], 'event'],
  [['command', 'status'], 'reply'],
  [['account', 'subscriptions'], 'bridge-state'],
  [['level', 'message'], 'bridge-log'],
  [['capabilities', 'volume'], 'room'],
  [['rooms', 'id'], 'household'],
];

/** Schemas that a value can fail. Some commands take anything, and would make every example right. */
const exacting = [
  ...new Set(shippedChannels.filter(({ isText }) => !isText).map(({ schema }) => schema)),
].filter((schema) => shippedFault(schema, { 'not a field': true }) !== null);

function valueFaults(value: unknown): Faults {
  const sign = SIGNS.find(([keys]) => keys.every((key) => own(value, key)));
  if (sign !== undefined) {
    const fault = shippedFault(sign[1], value);
    return fault === null ? [] : [fault];
  }
  return exacting.some((schema) => shippedFault(schema, value) === null)
    ? []
    : [`fits no schema of docs/schemas: ${JSON.stringify(value).slice(0, 120)}`];
}

/** What is wrong with a block of JSON: each value in it has to be a payload of the contract. */
export function jsonFaults(text: string): Faults {
  try {
    const values = jsonValues(text);
    return values.length === 0 ? ['holds no value'] : values.flatMap(valueFaults);
  } catch (error) {
    return [String(error)];
  }
}
