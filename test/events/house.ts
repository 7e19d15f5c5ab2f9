import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import type { Clock, Fields, Log } from '../../src/bridge/ports.ts';
import type { SonosEvent } from '../../src/bridge/sonos.ts';
import type { EventHeaders } from '../../src/events/headers.ts';
import { createPublicListener, type PublicListenerOptions } from '../../src/events/listener.ts';
import { type Credentials, type SignedFields, signatureOf } from '../../src/events/signature.ts';
import { systemClock } from '../../src/system.ts';

/** The documentation's invented key. */
export const KEY: Credentials = {
  clientId: '00000000-aaaa-bbbb-cccc-000000000000',
  clientSecret: '11111111-dddd-eeee-ffff-111111111111',
};
export const HOUSEHOLD = 'Sonos_QXtc0gFq1E5Lf4Ti2bYzcEo6xE';
export const GROUP = 'RINCON_00012345678001400:0';
export const PLAYER = 'RINCON_00012345678001400';
export const SESSION = 'RINCON_00012345678001400:0@4153230933';
export const CALLBACK = '/sonos/events/0123456789abcdefghijkl';
export const REDIRECT = '/oauth/callback';

/** One household with one group of one player, which we hold. */
export const knows = (household: string, kind: string, target: string): boolean =>
  household === HOUSEHOLD &&
  target === { household: HOUSEHOLD, group: GROUP, player: PLAYER, session: SESSION }[kind];

/** A body as it was recorded. */
export const recorded = (name: string): string =>
  readFileSync(new URL(`../fixtures/payloads/${name}.json`, import.meta.url), 'utf8');

/** Sonos' signature, told a second time so that a misreading of ours cannot agree with itself. */
export const sign = (fields: SignedFields, key: Credentials = KEY): string =>
  createHash('sha256')
    .update(
      [fields.sequence, fields.namespace, fields.type, fields.targetType, fields.target].join('') +
        key.clientId +
        key.clientSecret,
      'utf8',
    )
    .digest('base64')
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');

/** Headers of a group volume event, with whatever is to be different; the signature fits unless given. */
export function signed(different: Partial<EventHeaders> = {}): EventHeaders {
  const fields = {
    household: HOUSEHOLD,
    namespace: 'groupVolume',
    type: 'groupVolume',
    targetType: 'groupId',
    target: GROUP,
    sequence: '1234',
    ...different,
  };
  return { signature: signatureOf(fields, KEY), ...fields };
}

export const HEADER_NAMES: Readonly<Record<keyof EventHeaders, string>> = {
  household: 'X-Sonos-Household-Id',
  namespace: 'X-Sonos-Namespace',
  type: 'X-Sonos-Type',
  targetType: 'X-Sonos-Target-Type',
  target: 'X-Sonos-Target-Value',
  sequence: 'X-Sonos-Event-Seq-Id',
  signature: 'X-Sonos-Event-Signature',
};

/** The header lines, names and values in turn. */
export const rawHeadersOf = (headers: EventHeaders): string[] => [
  HEADER_NAMES.household,
  headers.household,
  HEADER_NAMES.namespace,
  headers.namespace,
  HEADER_NAMES.type,
  headers.type,
  HEADER_NAMES.targetType,
  headers.targetType,
  HEADER_NAMES.target,
  headers.target,
  HEADER_NAMES.sequence,
  headers.sequence,
  HEADER_NAMES.signature,
  headers.signature,
];

/** The same as text, each line with its end. */
export function headerLines(headers: EventHeaders): string {
  const raw = rawHeadersOf(headers);
  return raw.map((part, index) => (index % 2 === 0 ? `${part}: ` : `${part}\r\n`)).join('');
}

export const BODY = '{"volume":16,"muted":false,"fixed":false}';

/** A whole request as bytes on the wire. */
export function request(
  parts: {
    method?: string;
    path?: string;
    headers?: EventHeaders | null;
    lines?: readonly string[];
    body?: string | Buffer;
  } = {},
): Buffer {
  const { method = 'POST', path = CALLBACK, headers = signed(), lines, body = BODY } = parts;
  const more = lines ?? (body.length > 0 ? [`Content-Length: ${Buffer.byteLength(body)}`] : []);
  const head =
    `${method} ${path} HTTP/1.1\r\nHost: bridge.example.org\r\n` +
    (headers === null ? '' : headerLines(headers)) +
    more.map((line) => `${line}\r\n`).join('');
  return Buffer.concat([Buffer.from(`${head}\r\n`, 'latin1'), Buffer.from(body)]);
}

/** A log that remembers. */
export function recordingLog(): Log & {
  readonly lines: { level: string; message: string; fields: Fields }[];
} {
  const lines: { level: string; message: string; fields: Fields }[] = [];
  const at =
    (level: string) =>
    (message: string, fields: Fields = {}) => {
      lines.push({ level, message, fields });
    };
  return { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

/** A clock that goes on when told; its timers are the machine's. */
export function steppingClock(): Clock & { step(milliseconds: number): void } {
  let passed = 0;
  return {
    now: () => 1_800_000_000_000 + passed,
    elapsed: () => passed,
    after: systemClock.after,
    step: (milliseconds) => {
      passed += milliseconds;
    },
  };
}

/** A listener on a free port, with all that came out of it; whoever starts it stops it. */
export async function startListener(different: Partial<PublicListenerOptions> = {}) {
  const events: SonosEvent[] = [];
  const log = recordingLog();
  const clock = steppingClock();
  let losses = 0;
  const listener = createPublicListener({
    host: '127.0.0.1',
    port: 0,
    callbackPath: CALLBACK,
    credentials: () => KEY,
    accept: (event) => {
      events.push(event);
    },
    lost: () => {
      losses += 1;
    },
    knows,
    redirect: null,
    clock,
    log,
    ...different,
  });
  const started = await listener.start();
  if (!started.ok) throw new Error(started.error.message);
  return { listener, port: started.value.port, events, log, clock, losses: () => losses };
}

/** The same, stopped at the end of the test. */
export async function openListener(different: Partial<PublicListenerOptions> = {}) {
  const opened = await startListener(different);
  onTestFinished(() => opened.listener.stop());
  return opened;
}

/** One connection, on which bytes are sent and answers read. */
export interface Wire {
  readonly socket: Socket;
  send(bytes: string | Buffer): void;
  /** All that came so far, as Latin-1. */
  received(): string;
  /** Resolves when what came satisfies the test; fails when the connection ends first or nothing happens. */
  until(satisfied: (text: string) => boolean, milliseconds?: number): Promise<string>;
  /** The status of the n-th answer, from 1. */
  status(answer?: number): Promise<number>;
  /** Resolves when the other side has closed. */
  closed(milliseconds?: number): Promise<string>;
  isOver(): boolean;
}

/** The statuses of the answers in a text, in order. */
export const statuses = (text: string): number[] =>
  [...text.matchAll(/HTTP\/1\.1 (\d{3}) [^\r]*\r\n(?:[^\r\n]+\r\n)*\r\n/g)].map((match) => Number(match[1]));

/** Opens a connection that is closed at the end of the test. */
export async function openWire(port: number): Promise<Wire> {
  const wire = await openWireTo(port);
  onTestFinished(() => {
    wire.socket.destroy();
  });
  return wire;
}

/** Opens a connection; whoever opens it destroys it. */
export async function openWireTo(port: number): Promise<Wire> {
  const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true, noDelay: true });
  let text = '';
  let over = false;
  const watchers = new Set<() => void>();
  const changed = () => {
    for (const look of [...watchers]) look();
  };
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
    changed();
  });
  for (const ending of ['end', 'close', 'error']) {
    socket.on(ending, () => {
      over = true;
      changed();
    });
  }
  await new Promise<void>((resolve) => socket.once('connect', () => resolve()));

  const wait = (satisfied: () => boolean, hopeless: () => boolean, milliseconds: number) =>
    new Promise<string>((resolve, reject) => {
      const give = (settle: () => void) => {
        clearTimeout(timer);
        watchers.delete(look);
        settle();
      };
      const look = () => {
        if (satisfied()) give(() => resolve(text));
        else if (hopeless())
          give(() => reject(new Error(`the connection ended after: ${JSON.stringify(text)}`)));
      };
      const timer = setTimeout(
        () => give(() => reject(new Error(`nothing more after: ${JSON.stringify(text)}`))),
        milliseconds,
      );
      watchers.add(look);
      look();
    });

  const until = (satisfied: (text: string) => boolean, milliseconds = 5_000) =>
    wait(
      () => satisfied(text),
      () => over,
      milliseconds,
    );
  return {
    socket,
    send: (bytes) => {
      socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
    },
    received: () => text,
    until,
    status: async (answer = 1) => {
      const seen = statuses(await until((all) => statuses(all).length >= answer));
      return seen[answer - 1] ?? 0;
    },
    closed: (milliseconds = 5_000) =>
      wait(
        () => over,
        () => false,
        milliseconds,
      ),
    isOver: () => over,
  };
}

/** Asks the same again and again without reading one answer; resolves when the other side has had enough. */
export async function askWithoutReading({ socket }: Wire, question: Buffer): Promise<void> {
  socket.pause();
  const questions = Buffer.concat(Array.from({ length: 512 }, () => question));
  const asking = setInterval(() => {
    if (socket.writable && socket.writableLength === 0) socket.write(questions);
  }, 2);
  await new Promise<void>((resolve) => socket.once('close', () => resolve()));
  clearInterval(asking);
}

/** Resolves when it is so; fails when it does not come about. */
export async function eventually(isSo: () => boolean, milliseconds = 5_000): Promise<void> {
  const end = performance.now() + milliseconds;
  while (!isSo()) {
    if (performance.now() > end) throw new Error('it did not come about');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
