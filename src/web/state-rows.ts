/** One line of a table. */
export interface StateRow {
  readonly name: string;
  readonly value: string;
}

const DEEPEST = 4;

function valueText(value: unknown): string {
  if (value === null || value === undefined) return '–';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'object') return JSON.stringify(value);
  return String(value);
}

/** Lays a state of nested objects out as lines: `account: { token_expires_at }` is "account, token expires at". */
export function stateRows(state: object, depth = DEEPEST): readonly StateRow[] {
  const entries: readonly [string, unknown][] = Object.entries(state);
  return entries.flatMap(([key, value]) => {
    const name = key.replaceAll('_', ' ');
    const isGroup = typeof value === 'object' && value !== null && !Array.isArray(value);
    if (!isGroup || depth <= 1) return [{ name, value: valueText(value) }];
    return stateRows(value, depth - 1).map((row) => ({ name: `${name}, ${row.name}`, value: row.value }));
  });
}
