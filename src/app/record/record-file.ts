import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Cancel, Clock, Log } from '../../bridge/ports.ts';
import { within } from '../../bridge/within.ts';

/** Lines are written so much later than they come, many at once. */
const FLUSH_MS = 100;
/** So many lines may wait for a slow disk. */
const MOST_WAITING = 100_000;
const OPEN_WITHIN_MS = 5_000;
const CLOSE_WITHIN_MS = 1_000;

/** What is needed to write. */
export interface RecordFileOptions {
  readonly path: string;
  /** Nothing is written beyond so many bytes but the last line. */
  readonly maxBytes: number;
  readonly clock: Clock;
  readonly log: Log;
  /** The line that ends a record which has reached its size. */
  readonly lastLine: () => string;
}

/** A file to which lines are added. Whatever its disk does is told once, and harms nobody. */
export interface RecordFile {
  /** Adds a line, made when it is written; false when nothing more is taken. */
  add(line: () => string): boolean;
  /** Writes what waits, and closes. */
  close(last?: () => string): Promise<void>;
}

const FULL =
  'The record has reached its size (record.max_megabytes), and nothing more is written to it; the bridge goes on. Move the file away and restart the bridge to record anew.';
const REFUSED =
  'The record cannot be written, and ends here; the bridge goes on without it. Is there room on the disk, and may the bridge write there?';

class LineFile implements RecordFile {
  readonly #options: RecordFileOptions;
  #handle: FileHandle | null = null;
  #bytes = 0;
  #waiting: (() => string)[] = [];
  /** It was told why nothing more is written. */
  #isEnded = false;
  #isClosed = false;
  #cancel: Cancel | null = null;
  #work: Promise<void> = Promise.resolve();

  constructor(options: RecordFileOptions) {
    this.#options = options;
  }

  /** Opens the file; a line that an earlier run left unfinished is ended first. */
  async open(): Promise<void> {
    const { path } = this.#options;
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const handle = await open(path, 'a+', 0o600);
    this.#handle = handle;
    // Also one that was there before, and was made by somebody else.
    await handle.chmod(0o600);
    const { size } = await handle.stat();
    this.#bytes = size;
    if (size === 0) return;
    const last = Buffer.alloc(1);
    await handle.read(last, 0, 1, size - 1);
    if (last.toString() === '\n') return;
    await handle.appendFile('\n');
    this.#bytes += 1;
  }

  add(line: () => string): boolean {
    if (this.#isEnded || this.#isClosed) return false;
    if (this.#waiting.length >= MOST_WAITING) {
      this.refuse(new Error('too slow'));
      return false;
    }
    this.#waiting.push(line);
    this.#cancel ??= this.#options.clock.after(FLUSH_MS, () => this.#flush());
    return true;
  }

  async close(last?: () => string): Promise<void> {
    if (last !== undefined && !this.#isEnded) this.#waiting.push(last);
    this.#flush();
    this.#isClosed = true;
    // A disk that hangs must not hold up the end.
    await within(this.#options.clock, CLOSE_WITHIN_MS, this.#work);
    const handle = this.#handle;
    this.#handle = null;
    void handle?.close().catch(() => {});
  }

  #flush(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#work = this.#work.then(() => this.#write()).catch((error: unknown) => this.refuse(error));
  }

  async #write(): Promise<void> {
    const taken = this.#waiting;
    this.#waiting = [];
    let text = '';
    let bytes = 0;
    for (const make of taken) {
      const line = `${make()}\n`;
      const length = Buffer.byteLength(line);
      if (this.#bytes + bytes + length > this.#options.maxBytes) {
        text += `${this.#options.lastLine()}\n`;
        this.#end(FULL);
        break;
      }
      text += line;
      bytes += length;
    }
    if (text === '' || this.#handle === null) return;
    this.#bytes += bytes;
    await this.#handle.appendFile(text);
  }

  #end(words: string, fields?: { readonly reason: string }): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#waiting = [];
    this.#options.log.warn(words, { file: this.#options.path, ...fields });
  }

  /** The disk refuses. */
  refuse(error: unknown): void {
    const reason =
      error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? error.message) : 'unknown';
    this.#end(REFUSED, { reason });
  }
}

/** Opens a record file; one that cannot be opened takes nothing, which is told. Never rejects. */
export async function openRecordFile(options: RecordFileOptions): Promise<RecordFile> {
  const file = new LineFile(options);
  try {
    if (!(await within(options.clock, OPEN_WITHIN_MS, file.open()))) file.refuse(new Error('too slow'));
  } catch (error) {
    file.refuse(error);
  }
  return file;
}
