import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startMosquitto } from '../support/mosquitto.ts';

/** A mosquitto that writes down who says goodbye. */
export interface DiaryBroker {
  readonly port: number;
  /** How far its diary has come, to read on from there. */
  size(): number;
  /**
   * What a client said from there on: for each message to a topic its number of bytes, and `DISCONNECT` for a farewell. What
   * the broker published in its name, its will, is none of it.
   */
  saidBy(client: string, topic: string, from: number): string[];
  stop(): Promise<void>;
}

/** What stands in a file from a byte on. */
function textFrom(path: string, first: number): string {
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(fstatSync(file).size - first);
    return bytes.toString('utf8', 0, readSync(file, bytes, { position: first }));
  } finally {
    closeSync(file);
  }
}

/** Starts it; everybody may come in. */
export async function startDiaryBroker(): Promise<DiaryBroker> {
  const folder = await mkdtemp(join(tmpdir(), 'mosquitto-diary-'));
  const diary = join(folder, 'diary');
  const lines = [
    'allow_anonymous true',
    `log_dest file ${diary}`,
    'log_type all',
    'connection_messages true',
  ];
  const mosquitto = await startMosquitto(lines);
  return {
    port: mosquitto.port,
    size: () => statSync(diary).size,
    saidBy(client, topic, from) {
      return textFrom(diary, from)
        .split('\n')
        .flatMap((line) => {
          if (line.endsWith(`Received DISCONNECT from ${client}`)) return 'DISCONNECT';
          const isIts = line.includes(`Received PUBLISH from ${client} `) && line.includes(`'${topic}'`);
          return isIts ? (/\((\d+) bytes\)/.exec(line)?.[1] ?? []) : [];
        });
    },
    async stop() {
      await mosquitto.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
