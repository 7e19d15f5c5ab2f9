import type { z } from 'zod';
import { readCopy } from './copy.ts';
import { systemDisk } from './disk.ts';
import { documentFiles } from './names.ts';
import { StoreError } from './store-error.ts';

/**
 * Reads a document, or its last good copy, without taking the folder: also while a bridge has it. Null when there is
 * none that can be read; nothing is changed.
 */
export async function peekDocument<T>(folder: string, name: string, schema: z.ZodType<T>): Promise<T | null> {
  const files = documentFiles(folder, name);
  try {
    const current = await readCopy(systemDisk, files.current, schema);
    if (current.kind === 'right') return current.value;
    const good = await readCopy(systemDisk, files.good, schema);
    return good.kind === 'right' ? good.value : null;
  } catch (error) {
    if (error instanceof StoreError) return null;
    throw error;
  }
}
