import type { z } from 'zod';
import { CHECKSUM, withChecksum, withoutChecksum } from './checksum.ts';
import type { Disk } from './disk.ts';
import { StoreError, storeError } from './store-error.ts';

/** The largest file taken for a document; ours stay far below. */
export const LARGEST_DOCUMENT = 64 * 1024 * 1024;

/** What one copy of a document turned out to be. */
export type Copy<T> =
  | { readonly kind: 'right'; readonly value: T; readonly bytes: Uint8Array }
  | { readonly kind: 'absent' }
  | { readonly kind: 'broken'; readonly why: string };

const ISSUES_SHOWN = 3;
const OTHER_CHECKSUM = `does not fit its checksum (the disk damaged it, or it was edited; an edited one is taken when its line "${CHECKSUM}" is removed)`;

const broken = (why: string) => ({ kind: 'broken', why }) as const;

/**
 * Reads bytes as a document: UTF-8, JSON, its checksum, and what the schema says.
 * `why` never quotes the content, which may be a secret (JSON.parse's own message does).
 */
function readDocument<T>(bytes: Uint8Array, schema: z.ZodType<T>): Copy<T> {
  if (bytes.length === 0) return broken('is empty');
  if (bytes.every((byte) => byte === 0)) return broken('holds nothing but NUL bytes');
  let json: unknown;
  try {
    // Fatal, or a damaged letter inside a token would become another letter and nobody would know.
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return broken(`is not JSON (${bytes.length} bytes; torn, or edited by mistake)`);
  }
  try {
    const checked = withoutChecksum(json);
    if (checked === null) return broken(OTHER_CHECKSUM);
    const parsed = schema.safeParse(checked.content);
    return parsed.success
      ? { kind: 'right', value: parsed.data, bytes }
      : broken(`has the wrong shape (${issuesOf(parsed.error)})`);
  } catch {
    // JSON may be nested deeper than whoever walks through it has stack for.
    return broken('is nested too deeply');
  }
}

function issuesOf({ issues }: z.ZodError): string {
  return issues
    .slice(0, ISSUES_SHOWN)
    .map((issue) => `${issue.path.map(String).join('.').slice(0, 80) || 'the whole'}: ${issue.code}`)
    .join('; ');
}

/** Looks at the copy of a document that lies at a path; throws `StoreError` when the disk does not let it be read. */
export async function readCopy<T>(disk: Disk, path: string, schema: z.ZodType<T>): Promise<Copy<T>> {
  try {
    const seen = await disk.read(path, LARGEST_DOCUMENT);
    if (seen.kind === 'absent') return seen;
    return seen.kind === 'odd' ? broken(seen.what) : readDocument(seen.bytes, schema);
  } catch (cause) {
    throw storeError(cause, path, `${path} could not be read, and starting without it would lose it`);
  }
}

/**
 * Tells a document as bytes that `readDocument` will take back: JSON that a person can read and edit.
 * Throws `StoreError` (`unfit`) for a value that would be moved aside as broken at the next start.
 */
export function writeDocument<T extends object>(value: T, schema: z.ZodType<T>, path: string): Uint8Array {
  const unfit = (why: string): StoreError =>
    new StoreError('unfit', path, `${path} was not saved, because the new value ${why}.`);
  let text: string;
  try {
    text = JSON.stringify(withChecksum(value), null, 2);
  } catch {
    throw unfit('cannot be told as JSON');
  }
  const bytes = new TextEncoder().encode(`${text}\n`);
  if (bytes.length > LARGEST_DOCUMENT)
    throw unfit(`has ${bytes.length} bytes, more than ${LARGEST_DOCUMENT}`);
  const back = readDocument(bytes, schema);
  if (back.kind === 'broken') throw unfit(`${back.why} when read back`);
  return bytes;
}
