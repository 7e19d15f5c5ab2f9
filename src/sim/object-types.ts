/** The same value without any `_objectType`: older cloud bodies carry none. */
export function withoutObjectTypes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutObjectTypes);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([key]) => key !== '_objectType');
  return Object.fromEntries(kept.map(([key, inner]) => [key, withoutObjectTypes(inner)]));
}
