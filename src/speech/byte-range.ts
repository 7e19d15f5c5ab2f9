/** The part of a sound that is asked for, both ends included; or that there is no such part. */
export type ByteRange =
  | { readonly kind: 'whole' }
  | { readonly kind: 'part'; readonly first: number; readonly last: number }
  | { readonly kind: 'unsatisfiable' };

const WHOLE: ByteRange = { kind: 'whole' };
const UNSATISFIABLE: ByteRange = { kind: 'unsatisfiable' };

/**
 * Reads a Range header (RFC 9110 §14) for a sound of so many bytes. Several ranges, another unit and what is malformed
 * are ignored, as the RFC allows: the answer is then the whole.
 */
export function readRange(header: string | undefined, bytes: number): ByteRange {
  const [, from = '', to = ''] = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i.exec(header ?? '') ?? [];
  if (from === '' && to === '') return WHOLE;
  if (from === '') {
    const length = Math.min(Number(to), bytes);
    return length === 0 ? UNSATISFIABLE : { kind: 'part', first: bytes - length, last: bytes - 1 };
  }
  const first = Number(from);
  const last = to === '' ? Number.POSITIVE_INFINITY : Number(to);
  if (last < first) return WHOLE;
  return first >= bytes ? UNSATISFIABLE : { kind: 'part', first, last: Math.min(last, bytes - 1) };
}
