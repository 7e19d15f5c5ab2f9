import { Low } from 'lowdb';
import type { Clock, Log } from '../bridge/ports.ts';
import type { SafeAdapter } from './adapter.ts';
import { StoreError, storeError } from './store-error.ts';
import { createWriter } from './writer.ts';

/** One durable value. */
export interface Document<T> {
  /** What was last handed to `save`, whether the disk has it yet or not. Not to be changed in place. */
  readonly value: T;
  /**
   * Takes a new value. Resolves once it, or a newer one, is durable; rejects with `StoreError` when the disk refused. The
   * new value stays in memory then, and is tried again every 30 s and with every further save.
   */
  save(value: T): Promise<void>;
}

/** A document with its end of life, as the store holds it. */
export interface OpenDocument<T> extends Document<T> {
  /** Writes what is not yet durable and ends; later saves are refused. Never rejects. */
  close(): Promise<void>;
}

/** What a document needs of the world. */
export interface DocumentOptions<T> {
  readonly file: string;
  readonly adapter: SafeAdapter<T>;
  readonly empty: T;
  readonly clock: Clock;
  readonly log: Log;
  /** Told after every write: the refusal, or null when it went well. */
  readonly told: (error: StoreError | null) => void;
}

/** Opens a document: reads it, or its last good copy, which then is written back. Throws `StoreError` when unreadable. */
export async function openDocument<T extends object>(options: DocumentOptions<T>): Promise<OpenDocument<T>> {
  const { file, adapter, clock, log, told } = options;
  const low = new Low<T>(adapter, options.empty);
  let refused = false;
  let closed = false;

  const writer = createWriter({
    clock,
    write: () => low.write(),
    succeeded: () => {
      if (refused) log.info(`${file} is saved again.`, { file });
      refused = false;
      told(null);
    },
    failed: (cause) => {
      const error = storeError(cause, file, `${file} could not be saved`);
      const message = `${error.message} The bridge goes on from memory; what is not saved is lost when it stops.`;
      const fields = { file, code: error.code, reason: error.reason };
      if (refused && !closed) log.debug(message, fields);
      else log.error(message, fields);
      refused = true;
      told(error);
      return error.reason !== 'unfit';
    },
  });

  await low.read();
  if (adapter.recovered()) await writer.request().catch(() => {}); // Already told, and tried again by itself.

  return {
    get value() {
      return low.data;
    },
    save: async (value) => {
      if (closed) throw new StoreError('closed', file, `${file} was not saved: the store is closed.`);
      low.data = value;
      await writer.request().catch((cause: unknown) => {
        throw storeError(cause, file, `${file} could not be saved`);
      });
    },
    close: () => {
      closed = true;
      return writer.finish();
    },
  };
}
