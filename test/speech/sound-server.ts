import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { Result } from '../../src/bridge/result.ts';
import type { SpeechFailure } from '../../src/speech/provider.ts';

/** A request as a speech server saw it. */
export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A speech server on a free port, which answers as it is told and notes what it was asked. */
export interface SoundServer {
  readonly url: string;
  readonly host: string;
  readonly seen: readonly Seen[];
  /** Resolves with the next request. */
  asked(): Promise<void>;
}

const servers: Server[] = [];

/** Starts one; `stopSoundServers` ends it. */
export async function startSoundServer(
  answer: (response: ServerResponse, seen: Seen) => void,
): Promise<SoundServer> {
  const seen: Seen[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    const one = { method: request.method ?? '', url: request.url ?? '', headers: request.headers, body };
    seen.push(one);
    server.emit('asked');
    answer(response, one);
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('expected a port');
  const host = `127.0.0.1:${address.port}`;
  return { url: `http://${host}`, host, seen, asked: async () => void (await once(server, 'asked')) };
}

export async function stopSoundServers(): Promise<void> {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
}

/** One hundredth of a second of 22,050 Hz. */
export const SOUND = wavOf(220);

function wavOf(samples: number): Buffer {
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(36 + samples * 2, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(22_050, 24);
  head.writeUInt32LE(44_100, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write('data', 36);
  head.writeUInt32LE(samples * 2, 40);
  return Buffer.concat([head, Buffer.alloc(samples * 2, 7)]);
}

/** Answers with the sound. */
export const giveSound = (response: ServerResponse): void => {
  response.writeHead(200, { 'Content-Type': 'audio/wav' }).end(SOUND);
};

/** A signal that never aborts. */
export const patient = (): AbortSignal => new AbortController().signal;

/** The bytes of an outcome that must be one. */
export function soundOf(outcome: Result<Uint8Array, SpeechFailure>): Buffer {
  if (!outcome.ok) throw new Error(outcome.error.reason);
  return Buffer.from(outcome.value);
}

/** The failure of an outcome that must be one. */
export function failureOf<F extends SpeechFailure>(outcome: Result<Uint8Array, F>): F {
  if (outcome.ok) throw new Error(`expected a failure, got ${outcome.value.byteLength} bytes`);
  return outcome.error;
}
