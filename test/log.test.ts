import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, openSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Clock, Fields } from '../src/bridge/ports.ts';
import { createLog, type LogOptions, type LogOutput } from '../src/log.ts';
import { type LogLine, readableLine, readLine } from '../src/log-lines.ts';
import { foldRepeats } from '../src/log-repeats.ts';
import { createSecrets, type Secrets } from '../src/secrets.ts';
import { searcherFor } from './support/canaries.ts';

const CANARY = 'canary/"token"+%7=\\é';
const NOON = Date.UTC(2026, 0, 2, 12);

/** A clock that stands still until it is told to go on. */
function handClock(): Clock & { pass(milliseconds: number): void; readonly waiting: number } {
  let elapsed = 0;
  const timers = new Set<{ readonly at: number; readonly work: () => void }>();
  return {
    now: () => NOON + elapsed,
    elapsed: () => elapsed,
    after(milliseconds, work) {
      const timer = { at: elapsed + milliseconds, work };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    pass(milliseconds) {
      elapsed += milliseconds;
      for (const timer of [...timers].sort((a, b) => a.at - b.at)) {
        if (timer.at <= elapsed && timers.delete(timer)) timer.work();
      }
    },
    get waiting() {
      return timers.size;
    },
  };
}

let folder: string;
let file: string;
let secrets: Secrets;
let opened: LogOutput[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'log-'));
  file = join(folder, 'out.log');
  secrets = createSecrets();
  opened = [];
});

afterEach(async () => {
  for (const output of opened) await output.close();
  await rm(folder, { recursive: true });
});

function open(options: Partial<LogOptions> = {}): LogOutput {
  const output = createLog({ level: 'trace', secrets, destination: file, clock: handClock(), ...options });
  opened.push(output);
  return output;
}

async function written(output: LogOutput): Promise<string> {
  await output.flush();
  return readFile(file, 'utf8');
}

async function lines(output: LogOutput): Promise<Record<string, unknown>[]> {
  return (await written(output))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

const fieldsOf = async (fields: Fields) => {
  const output = open();
  output.log.info('Something happened.', fields);
  const { level, time, msg, ...rest } = (await lines(output))[0] ?? {};
  return rest;
};

class Holder {
  readonly token = CANARY;
}

function request(): IncomingMessage {
  const message = new IncomingMessage(new Socket());
  message.headers.authorization = `Bearer ${CANARY}`;
  return message;
}

function cycle(): Fields {
  const deep: Record<string, unknown> = { token: CANARY };
  deep.self = deep;
  return { deep };
}

const error = (message: string, extra: object = {}) => Object.assign(new Error(message), extra);

/** An error as HTTP libraries make them. */
const loaded = () =>
  error(`Request failed: Bearer ${CANARY}`, {
    ...{ data: { res: request(), payload: { error: CANARY } }, output: { headers: { cookie: CANARY } } },
    options: { headers: { authorization: CANARY } },
    [CANARY]: CANARY,
  });

const deep = () =>
  new Error('outer', {
    cause: new AggregateError([new Error('one'), new Error('two', { cause: new Error(CANARY) })], 'several'),
  });

function round() {
  const [one, other] = [new Error(CANARY), new Error(CANARY)];
  one.cause = other;
  other.cause = one;
  return one;
}

const named = () => {
  const classes = { [CANARY]: class {} };
  return new (classes[CANARY] ?? Object)();
};

/** Every way in which a secret has been seen to get into logs. */
const shapes: Readonly<Record<string, readonly [message: string, fields: Fields]>> = {
  'the message': [`The token is ${CANARY}.`, {}],
  'a field': ['m', { token: CANARY }],
  'a field two below': ['m', { a: { token: CANARY } }],
  'a field three below': ['m', { a: { b: { token: CANARY } } }],
  'a list': ['m', { list: ['x', CANARY, [CANARY]] }],
  'a header in any case': ['m', { headers: { AUTHORIZATION: `bearer ${CANARY}`, Authorization: CANARY } }],
  'the name of a field': ['m', { [CANARY]: 1 }],
  'a query': ['m', { url: `https://x.example/?token=${encodeURIComponent(CANARY)}&a=1` }],
  'a URL object': ['m', { url: new URL(`https://x.example/?token=${encodeURIComponent(CANARY)}`) }],
  'a form': ['m', { body: new URLSearchParams({ refresh_token: CANARY }).toString() }],
  'an error': ['m', { err: error(`refused ${CANARY}`) }],
  "an error's cause": ['m', { err: new Error('outer', { cause: new Error(CANARY) }) }],
  "an error's cause that is no error": ['m', { err: new Error('outer', { cause: { token: CANARY } }) }],
  "an error's code": ['m', { err: error('x', { code: CANARY }) }],
  "an error's request": ['m', { err: error('x', { config: { headers: { authorization: CANARY } } }) }],
  "an error's stack": ['m', { err: Object.assign(new Error('x'), { stack: `Error: x\n    at ${CANARY}` }) }],
  'several errors in one': ['m', { err: new AggregateError([new Error(CANARY)], CANARY) }],
  'JSON in a string': ['m', { body: JSON.stringify({ token: CANARY }) }],
  'JSON in JSON in a string': ['m', { body: JSON.stringify({ inner: JSON.stringify({ token: CANARY }) }) }],
  'what toJSON gives': ['m', { thing: { toJSON: () => ({ token: CANARY }) } }],
  'a cycle': ['m', cycle()],
  base64: ['m', { header: `Basic ${Buffer.from(`id:${CANARY}`).toString('base64')}` }],
  base64url: ['m', { jwt: `a.${Buffer.from(CANARY).toString('base64url')}.c` }],
  'a map': ['m', { map: new Map([[CANARY, CANARY]]) }],
  'a set': ['m', { set: new Set([CANARY]) }],
  'a buffer': ['m', { body: Buffer.from(CANARY) }],
  'an object with a class': ['m', { holder: new Holder() }],
  'a request': ['m', { request: request() }],
  hexadecimal: ['m', { bytes: Buffer.from(CANARY).toString('hex') }],
  'a buffer as Node prints it': ['m', { packet: inspect(Buffer.from(CANARY)) }],
  'a buffer in JSON': ['m', { packet: JSON.stringify({ payload: Buffer.from(CANARY) }) }],
  'a page': ['m', { body: `<p title="${CANARY.replaceAll('"', '&quot;')}">` }],
  'an object as Node prints it': ['m', { config: inspect({ auth: { token: CANARY } }) }],
  "an error's own fields, headers among them": ['m', { err: loaded() }],
  "an error's name": ['m', { err: error('x', { name: CANARY }) }],
  'a cause within several errors within a cause': ['m', { err: deep() }],
  'causes that go in a circle': ['m', { err: round() }],
  'what is thrown without being an error': ['m', { error: CANARY, reason: { token: CANARY } }],
  'a list of headers as Node has them': ['m', { raw: ['Host', 'x', 'Authorization', `Bearer ${CANARY}`] }],
  'the name of a class': ['m', { thing: named() }],
  'a date of a kind': ['m', { at: { toJSON: () => CANARY } }],
  'text that is cut within it': ['m', { text: `${'x'.repeat(990)}${CANARY}${'y'.repeat(100)}` }],
  'a message that is cut within it': [`${'x'.repeat(1990)}${CANARY}${'y'.repeat(100)}`, {}],
};

/** What must not be found in the log: the canary as it is and in the usual codings, and a good part of it. */
const traces = [
  CANARY,
  CANARY.slice(0, 8),
  Buffer.from(CANARY).toString('base64').replaceAll('=', ''),
  Buffer.from(CANARY).toString('base64url'),
  Buffer.from('canary').toString('base64').slice(0, 7),
  encodeURIComponent(CANARY),
  'canary%2F',
];

describe('a secret in the log', () => {
  it.each(Object.entries(shapes))('is masked in %s', async (_, [message, fields]) => {
    for (const readable of [false, true]) {
      secrets.add(CANARY);
      const output = open({ readable, destination: file });
      const heard: LogLine[] = [];
      output.onLine((line) => heard.push(line));
      output.log.error(message, fields);
      output.child('sonos').warn(message, fields);
      output.log.debug(message, fields);
      const text = await written(output);
      expect(text.trimEnd().split('\n').length).toBeGreaterThanOrEqual(3);
      expect(heard).toHaveLength(2);
      for (const trace of traces) {
        expect(text).not.toContain(trace);
        expect(JSON.stringify(heard)).not.toContain(trace);
      }
      if (!readable) await lines(output);
    }
  });

  it('is not split by the way out: it stands across no border of what is written at once', async () => {
    secrets.add(CANARY);
    const search = searcherFor([{ name: 'it', value: CANARY }]);
    const output = open();
    // Lengths that have no common measure with any border, so that in a megabyte every border falls everywhere.
    for (let count = 0; count < 3000; count += 1) {
      output.log.info(`${'x'.repeat((count * 37) % 211)}${CANARY}${'y'.repeat((count * 53) % 197)}`, {
        count,
      });
    }
    const text = await written(output);
    expect(text.length).toBeGreaterThan(400_000);
    expect(search(text)).toEqual([]);
    expect(await lines(output)).toHaveLength(3000);
  });

  it('is not split by a line that is cut: what is cut loses it first', async () => {
    secrets.add(CANARY);
    const search = searcherFor([{ name: 'it', value: CANARY }]);
    const output = open();
    for (let before = 900; before < 1010; before += 1) {
      const text = `${'x'.repeat(before)}${CANARY}${'y'.repeat(200)}`;
      output.log.warn(`${'z'.repeat(1000)}${text}`, {
        text,
        [text]: error(text),
        base64: Buffer.from(text).toString('base64'),
      });
    }
    expect(search(await written(output))).toEqual([]);
  });

  it('would be seen if it were not known', async () => {
    const output = open();
    output.log.info('m', { a: { b: CANARY } });
    expect((await lines(output))[0]).toMatchObject({ a: { b: CANARY } });
  });

  it('leaves a line of JSON also when it looks like a part of the line', async () => {
    secrets.add('"msg":"');
    secrets.add('123456');
    const output = open();
    const heard: LogLine[] = [];
    output.onLine((line) => heard.push(line));
    output.log.warn('Hello', { pin: 123456, near: 12345 });
    const [line] = await lines(output);
    expect(line).toMatchObject({ level: 'warn', time: '2026-01-02T12:00:00.000Z' });
    expect(line?.msg).toContain('[secret]Hello');
    expect(line?.msg).toContain('"near":12345');
    expect(heard).toHaveLength(1);
  });

  it('turns a number into text, so that the rest of the line stays readable', async () => {
    secrets.add('123456');
    expect(await fieldsOf({ pin: 123456, big: 9123456n, near: 12345 })).toEqual({
      pin: '[secret]',
      big: '9[secret]',
      near: 12345,
    });
  });
});

describe('a line of the log', () => {
  it('is JSON with level, time, room and message, and is never of a lesser kind than asked for', async () => {
    const output = open({ level: 'info' });
    output.log.debug('unheard');
    output.child('mqtt').info('Connected, 100 % sure %s.', { url: 'mqtt://x' });
    output.log.error('Gone.');
    expect(await lines(output)).toEqual([
      {
        level: 'info',
        time: '2026-01-02T12:00:00.000Z',
        room: 'mqtt',
        msg: 'Connected, 100 % sure %s.',
        url: 'mqtt://x',
      },
      { level: 'error', time: '2026-01-02T12:00:00.000Z', msg: 'Gone.' },
    ]);
  });

  it('keeps its own parts when fields have their names', async () => {
    const output = open();
    output.log.info('Real.', { msg: 'm', level: 'l', time: 't', room: 'r' });
    expect((await lines(output))[0]).toEqual({
      level: 'info',
      time: '2026-01-02T12:00:00.000Z',
      msg: 'Real.',
      msg_: 'm',
      level_: 'l',
      time_: 't',
      room_: 'r',
    });
  });

  it('writes errors as name, message, code and causes, with places only for faults in the program', async () => {
    const refused = error('connect refused', { code: 'ECONNREFUSED', request: request() });
    const { io, bug } = await fieldsOf({
      io: new TypeError('fetch failed', { cause: refused }),
      bug: new RangeError('no'),
    });
    expect(io).toEqual({
      name: 'TypeError',
      message: 'fetch failed',
      cause: { name: 'Error', message: 'connect refused', code: 'ECONNREFUSED' },
    });
    expect(bug).toMatchObject({ name: 'RangeError', message: 'no' });
    expect(JSON.stringify(bug)).toContain('log.test.ts');
  });

  it('follows causes only so far, and not in circles', async () => {
    let chain = new Error('innermost');
    for (let depth = 0; depth < 50; depth += 1) chain = new Error(`level ${depth}`, { cause: chain });
    const round = new Error('round');
    round.cause = round;
    const fields = await fieldsOf({ chain, round });
    expect(JSON.stringify(fields)).not.toContain('innermost');
    expect(fields.round).toEqual({ name: 'Error', message: 'round', cause: '[circular]' });
  });

  it('bounds what is deep, long or many', async () => {
    const nested = { a: { b: { c: { d: { e: 1 }, f: [1] } } } };
    const many = Object.fromEntries([...Array(50).keys()].map((key) => [`k${key}`, key]));
    const fields = await fieldsOf({ nested, many, list: [...Array(25).keys()], text: 'x'.repeat(5000) });
    expect(fields.nested).toEqual({ a: { b: { c: { d: '[map]', f: '[list]' } } } });
    expect(Object.keys(Object(fields.many))).toHaveLength(41);
    expect(fields.list).toEqual([...Array(20).keys(), '… 5 more']);
    expect(fields.text).toBe(`${'x'.repeat(1000)}… (5000 characters)`);
  });

  it('writes what JSON does not know', async () => {
    expect(
      await fieldsOf({
        map: new Map([['a', 1]]),
        set: new Set([1, 2]),
        bytes: new Uint8Array(3),
        at: new Date(NOON),
        work: () => {},
        sign: Symbol('x'),
        big: 10n,
        socket: new Socket(),
        nothing: null,
        bare: Object.assign(Object.create(null), { a: 1 }),
        classless: Object.create({ constructor: undefined }),
      }),
    ).toEqual({
      map: { a: 1 },
      set: [1, 2],
      bytes: '[3 bytes]',
      at: '2026-01-02T12:00:00.000Z',
      work: '[function]',
      sign: '[symbol]',
      big: '10',
      socket: '[Socket]',
      nothing: null,
      bare: { a: 1 },
      classless: '[object]',
    });
  });

  it('survives values that throw when looked at', async () => {
    const fields = {
      get trap(): string {
        throw new Error('trapped');
      },
    };
    expect(await fieldsOf(fields)).toEqual({ fields: '[unreadable]' });
  });

  it('is for people on a terminal: one line, without signs that move the cursor', async () => {
    const output = open({ readable: true });
    output
      .child('sonos')
      .warn('Playing \u001b[2Jbad\nthing', { title: 'two words', n: 1, id: 'x', o: { a: 1 } });
    const text = await written(output);
    expect(text).toMatch(
      /^\d\d:00:00\.000 WARN {2}\[sonos\] Playing \\u\{1b\}\[2Jbad\\u\{a\}thing title="two words" n=1 id=x o=\{"a":1\}\n$/,
    );
  });

  it('shows no room for the house itself, and is not made from what is no line', () => {
    const line = { level: 'info', time: '2026-01-02T12:00:00.000Z', room: null, message: 'Up.', fields: {} };
    expect(readableLine(line)).toMatch(/^\d\d:00:00\.000 INFO {2}Up\.$/);
    expect(readLine('no JSON')).toBeNull();
    expect(readLine('{"level":"info"}')).toBeNull();
  });

  it('goes to a file that only the owner can read', async () => {
    await written(open());
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });
});

describe('the way out of the log', () => {
  it('lets a person see a line within a second, without being asked', async () => {
    const output = open();
    output.log.info('Started.');
    const until = Date.now() + 5000;
    while (Date.now() < until && !(await readFile(file, 'utf8')).includes('Started.')) {
      await new Promise((done) => setTimeout(done, 20));
    }
    expect(until - Date.now()).toBeGreaterThan(3500);
  });

  it('writes at once when the end is near', async () => {
    const output = open();
    output.log.error('Last words.');
    output.flushNow();
    expect(await readFile(file, 'utf8')).toContain('Last words.');
  });

  it('is emptied when the process ends', async () => {
    const output = open();
    output.log.error('Last words.');
    const atExit = process.listeners('exit').at(-1);
    atExit?.(0);
    expect(await readFile(file, 'utf8')).toContain('Last words.');
    await output.close();
    expect(process.listeners('exit')).not.toContain(atExit);
  });

  it('keeps the order of lines, however many there are', async () => {
    const output = open();
    for (let count = 0; count < 3000; count += 1) {
      output.log.info(`line ${count}`);
      if (count % 700 === 0) await output.flush();
    }
    expect((await lines(output)).map(({ msg }) => msg)).toEqual(
      [...Array(3000).keys()].map((count) => `line ${count}`),
    );
  });

  it('does not wait without end for a reader that went to sleep', async () => {
    const fifo = join(folder, 'fifo');
    await once(spawn('mkfifo', [fifo]), 'exit');
    const descriptor = openSync(fifo, constants.O_RDWR | constants.O_NONBLOCK);
    const output = open({ destination: descriptor });
    for (let count = 0; count < 100; count += 1) output.log.info('x'.repeat(1900));
    const started = performance.now();
    await output.flush();
    output.flushNow();
    await output.close();
    expect(performance.now() - started).toBeLessThan(15_000);
    opened = [];
    closeSync(descriptor);
  });

  it('is quiet after it was closed, also when closed twice', async () => {
    const output = open();
    output.log.info('before');
    await output.close();
    output.log.info('after');
    output.flushNow();
    await output.close();
    expect(await readFile(file, 'utf8')).toMatch(/^[^\n]*before[^\n]*\n$/);
  });

  it('leaves a descriptor that was handed in open', async () => {
    const descriptor = openSync(file, 'a');
    const output = open({ destination: descriptor });
    await output.close();
    output.log.info('still here');
    expect(await readFile(file, 'utf8')).toContain('still here');
    closeSync(descriptor);
  });

  it('does not end the bridge when the disk is full', async () => {
    const full = openSync('/dev/full', constants.O_WRONLY);
    const output = open({ destination: full });
    output.log.error('nowhere to go');
    await output.flush();
    output.log.error('nor this');
    output.flushNow();
    await output.flush();
    opened = [];
    closeSync(full);
  });

  it('drops lines that nobody takes, keeps memory bounded and says how many', async () => {
    const fifo = join(folder, 'fifo');
    await once(spawn('mkfifo', [fifo]), 'exit');
    const descriptor = openSync(fifo, constants.O_RDWR | constants.O_NONBLOCK);
    const output = open({ destination: descriptor });
    const text = 'x'.repeat(1900);
    for (let count = 0; count < 6000; count += 1) output.log.info(text);
    const reader = spawn('cat', [fifo]);
    let seen = '';
    reader.stdout.on('data', (chunk: Buffer) => {
      seen = (seen + chunk.toString()).slice(-20_000);
    });
    await output.flush();
    output.log.info('Somebody reads again.');
    await output.flush();
    while (!seen.includes('Somebody reads again.')) await once(reader.stdout, 'data');
    expect(seen).toMatch(/"level":"warn".*"msg":"\d+ lines were lost/);
    reader.kill();
    await once(reader, 'exit');
    await output.close();
    opened = [];
    closeSync(descriptor);
  });
});

describe('warnings for whoever publishes them', () => {
  it('are warnings and errors, as they were written', () => {
    const output = open();
    const heard: LogLine[] = [];
    output.onLine((line) => heard.push(line));
    output.log.info('no');
    output.log.debug('no');
    output.child('mqtt').warn('The broker is gone.', { attempt: 1 });
    output.log.error('Lost.');
    const time = '2026-01-02T12:00:00.000Z';
    expect(heard).toEqual([
      { level: 'warn', time, room: 'mqtt', message: 'The broker is gone.', fields: { attempt: 1 } },
      { level: 'error', time, room: null, message: 'Lost.', fields: {} },
    ]);
  });

  it('are folded: one now, one with the number of the others after ten minutes', async () => {
    const clock = handClock();
    const output = open({ clock });
    const heard: Fields[] = [];
    output.onLine(({ fields }) => heard.push(fields));
    for (let attempt = 1; attempt <= 5; attempt += 1) output.log.warn('Still gone.', { attempt });
    clock.pass(10 * 60_000 - 1);
    expect(heard).toEqual([{ attempt: 1 }]);
    clock.pass(1);
    expect(heard).toEqual([{ attempt: 1 }, { attempt: 5, repeated: 4 }]);
    expect(await lines(output)).toHaveLength(5);
  });

  it('do not go round in circles when publishing one fails, loudly or with an exception', async () => {
    const output = open();
    let heard = 0;
    output.onLine(() => {
      heard += 1;
      output.log.warn(`Cannot publish ${heard}.`);
      throw new Error('no broker');
    });
    output.log.error('First.');
    output.log.error('Second.');
    expect(heard).toBe(2);
    expect(await lines(output)).toHaveLength(4);
  });

  it('tell at the end what was still being counted', async () => {
    const output = open();
    const heard: LogLine[] = [];
    output.onLine((line) => heard.push(line));
    output.log.warn('x');
    output.log.warn('x');
    await output.close();
    expect(heard.map(({ fields }) => fields)).toEqual([{}, { repeated: 1 }]);
  });
});

describe('folding repeats', () => {
  const line = (message: string, level = 'warn', room: string | null = null): LogLine => ({
    level,
    time: '2026-01-02T12:00:00.000Z',
    room,
    message,
    fields: {},
  });

  it('tells levels, rooms and messages apart', () => {
    const told: LogLine[] = [];
    const repeats = foldRepeats(handClock(), 1000, (said) => told.push(said));
    for (const said of [line('a'), line('b'), line('a', 'error'), line('a', 'warn', 'x'), line('a')]) {
      repeats.accept(said);
    }
    expect(told).toHaveLength(4);
  });

  it('says nothing at the end of a window without repeats, and starts anew', () => {
    const clock = handClock();
    const told: LogLine[] = [];
    const repeats = foldRepeats(clock, 1000, (said) => told.push(said));
    repeats.accept(line('a'));
    clock.pass(1000);
    repeats.accept(line('a'));
    expect(told).toEqual([line('a'), line('a')]);
    repeats.close();
    expect(clock.waiting).toBe(0);
  });

  it('remembers only so many kinds of lines, and loses no count', () => {
    const clock = handClock();
    let sum = 0;
    const repeats = foldRepeats(clock, 1000, ({ fields }) => {
      sum += typeof fields.repeated === 'number' ? fields.repeated : 1;
    });
    for (let kind = 0; kind < 1000; kind += 1) {
      repeats.accept(line(`kind ${kind}`));
      repeats.accept(line(`kind ${kind}`));
    }
    expect(clock.waiting).toBeLessThanOrEqual(200);
    repeats.close();
    expect(sum).toBe(2000);
  });
});
