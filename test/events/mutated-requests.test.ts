import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { SequenceMarks } from '../../src/bridge/sequence-marks.ts';
import type { SonosEvent } from '../../src/bridge/sonos.ts';
import type { EventHeaders } from '../../src/events/headers.ts';
import { createIntake } from '../../src/events/intake.ts';
import { knownEvents } from '../../src/events/known-events.ts';
import { type Chance, createChance } from '../../src/sim/random.ts';
import { systemClock } from '../../src/system.ts';
import { figure, sized } from '../support/figures.ts';
import {
  CALLBACK,
  eventually,
  GROUP,
  HEADER_NAMES,
  HOUSEHOLD,
  KEY,
  openListener,
  openWireTo,
  PLAYER,
  recorded,
  recordingLog,
  SESSION,
  sign,
  statuses,
} from './house.ts';
import { type Lines, linesOf, MUTATIONS } from './mutations.ts';

const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 1_000_000));
const REQUESTS = sized(60_000, 1_000_000);
/** One in so many goes over a real socket as well. */
const SOCKET_SHARE = 10;

/** Two households of ours, as one account may have them; nothing of one is the other's. */
const IDS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  [HOUSEHOLD]: { household: HOUSEHOLD, group: GROUP, player: PLAYER, session: SESSION },
  Sonos_Second: {
    ...{ household: 'Sonos_Second', group: 'RINCON_1CAFEB01400:77', player: 'RINCON_1CAFEB01400' },
    session: 'RINCON_1CAFEB01400:77@4153230933',
  },
};
const knows = (household: string, kind: string, target: string): boolean => IDS[household]?.[kind] === target;

const bodies = readdirSync(new URL('../fixtures/payloads/', import.meta.url))
  .filter((name) => name.endsWith('.json'))
  .map((name) => recorded(name.replace(/\.json$/, '')));

/** A recorded body that this kind of event may have. */
function bodyOf(namespace: string, type: string): string {
  const known = knownEvents.find((each) => each.namespace === namespace && each.type === type);
  const body = bodies.find((each) => known?.read(JSON.parse(each)).success);
  if (body === undefined) throw new Error(`There is no recorded body for ${namespace}/${type}.`);
  return body;
}

/** What a stranger has captured: each event of the table, from each household, with numbers short and long. */
const captured: readonly EventHeaders[] = Object.entries(IDS).flatMap(([household, ids]) =>
  knownEvents.flatMap(({ namespace, type, targetType, kind }, index) =>
    [String(index), String(1_000 + index), '18446744073709551615'].map((sequence) => {
      const fields = { sequence, namespace, type, targetType, target: ids[kind] ?? '' };
      return { household, ...fields, signature: sign(fields) };
    }),
  ),
);

const nameless = Object.entries(HEADER_NAMES).map(([field, name]) => [field, name.toLowerCase()] as const);
const textOf = (fields: Readonly<Record<string, string>>): string =>
  nameless.map(([field]) => fields[field]).join('\n');
const genuine = new Set(captured.map((headers) => textOf({ ...headers })));

/** Whether headers are, byte for byte, those of a captured event: the only ones that may be believed. */
function areGenuine(lines: Lines): boolean {
  const fields: Record<string, string> = {};
  for (const [field, name] of nameless) {
    const [line, ...more] = lines.filter((each) => each.name.toLowerCase() === name);
    if (line === undefined || more.length > 0) return false;
    fields[field] = line.value;
  }
  return genuine.has(textOf(fields));
}

const kinds = Object.entries(MUTATIONS);

/** A captured request, and what one to three mutations made of it. */
function mutated(chance: Chance, count: (kind: string) => void): { lines: Lines; body: string } {
  const origin = chance.pick(captured);
  const lines = linesOf(origin);
  for (let times = chance.pick([1, 1, 1, 2, 3]); times > 0; times -= 1) {
    const [kind, mutate] = chance.pick(kinds);
    mutate(lines, chance, captured);
    count(kind);
  }
  // Mutations may make a copy of another event than they began with.
  const said = (header: string) =>
    lines.find(({ name }) => name.toLowerCase() === `x-sonos-${header}`)?.value;
  const body =
    bodyByType.get(`${said('namespace')}/${said('type')}`) ??
    bodyByType.get(`${origin.namespace}/${origin.type}`);
  return { lines, body: body ?? '' };
}

const bodyByType = new Map(
  knownEvents.map(({ namespace, type }) => [`${namespace}/${type}`, bodyOf(namespace, type)]),
);

const rawOf = (lines: Lines): string[] => lines.flatMap(({ name, value }) => [name, value]);

/** The lines as Node hands them on when they come over a socket; null when they are no HTTP. */
function onTheWire(lines: Lines): Lines | null {
  const seen = lines.map(({ name, value }) => ({ name, value: bytesOf(value).toString('latin1') }));
  const isHttp = seen.every(
    ({ name, value }) => /^[A-Za-z0-9_-]+$/.test(name) && !/[^\t\x20-\x7e\x80-\xff]/.test(value),
  );
  return isHttp
    ? seen.map(({ name, value }) => ({ name, value: value.replace(/^[ \t]+|[ \t]+$/g, '') }))
    : null;
}

/** Latin-1 where it will do, UTF-8 elsewhere. */
const bytesOf = (value: string): Buffer => Buffer.from(value, /^[\0-\xff]*$/.test(value) ? 'latin1' : 'utf8');

function requestOf(lines: Lines, body: string): Buffer {
  const start = Buffer.from(`POST ${CALLBACK} HTTP/1.1\r\nHost: h\r\n`);
  const head = lines.flatMap(({ name, value }) => [
    Buffer.from(`${name}: `),
    bytesOf(value),
    Buffer.from('\r\n'),
  ]);
  return Buffer.concat([
    start,
    ...head,
    Buffer.from(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`),
  ]);
}

function openIntake() {
  const events: SonosEvent[] = [];
  const intake = createIntake({
    credentials: () => KEY,
    accept: (event) => events.push(event),
    lost: () => undefined,
    knows,
    clock: systemClock,
    log: recordingLog(),
  });
  return { events, intake };
}

const nameOf = ({ household, namespace, type, target, sequence }: SonosEvent): string =>
  [household, namespace, type, target, sequence].join(' ');

describe('requests made of genuine ones', () => {
  it('are believed when they are genuine ones byte for byte, and never otherwise', async () => {
    const chance = createChance(SEED);
    const { events, intake } = openIntake();
    const counts = new Map<string, number>();
    const count = (kind: string) => counts.set(kind, (counts.get(kind) ?? 0) + 1);
    const marks = new SequenceMarks();
    const effects = new Set<string>();
    let copies = 0;
    let believed = 0;
    let shifted = 0;
    for (let number = 0; number < REQUESTS; number += 1) {
      const { lines, body } = mutated(chance, count);
      const isCopy = areGenuine(lines);
      const headers = intake.judge(rawOf(lines));
      if (headers !== null) {
        intake.take(headers, body);
        await intake.idle();
      }
      const event = events.pop();
      if (isCopy) copies += 1;
      if (event !== undefined) believed += 1;
      if (isCopy !== (event !== undefined)) {
        expect.fail(
          `SEED=${SEED}, request ${number}: ${JSON.stringify(lines)} ${isCopy ? 'was refused' : 'was believed'}`,
        );
      }
      if (headers !== null && event === undefined) shifted += 1;
      if (event === undefined) continue;
      if (marks.judge(event) === 'newer') {
        // However often it is sent again, an event is news once.
        if (effects.has(nameOf(event)))
          expect.fail(`SEED=${SEED}, request ${number}: ${nameOf(event)} was news twice`);
        effects.add(nameOf(event));
      }
    }
    figure('mutated requests judged', `${REQUESTS} (SEED=${SEED})`);
    figure('believed that were not genuine byte for byte', believed - copies);
    figure(
      'genuine copies among them, which changed nothing the second time',
      `${copies}, news ${effects.size} times`,
    );
    figure('rightly signed with moved borders, without effect', shifted);
    // Every kind of mutation was tried, genuine copies were believed, and the table had to stop moved borders.
    for (const [kind] of kinds)
      expect([kind, (counts.get(kind) ?? 0) > REQUESTS / kinds.length / 2]).toEqual([kind, true]);
    expect(copies).toBeGreaterThan(REQUESTS / 50);
    expect(shifted).toBeGreaterThan(REQUESTS / 1_000);
    const targets = new Set(
      captured.map(({ household, namespace, target }) => `${household} ${namespace} ${target}`),
    );
    expect(effects.size).toBeGreaterThanOrEqual(targets.size);
  }, 600_000);

  it('are answered as they should be over real sockets, and none stops the listener', async () => {
    const chance = createChance(SEED + 1);
    const total = REQUESTS / SOCKET_SHARE;
    const { port, events } = await openListener({ knows });
    const { intake } = openIntake();
    let copies = 0;
    let broken = 0;
    let sent = 0;

    /** So many requests on one connection, until one of them ends it. */
    async function send(most: number): Promise<void> {
      const wire = await openWireTo(port);
      const expected: number[] = [];
      let waiting: Buffer[] = [];
      const flush = async (): Promise<void> => {
        const requests = Buffer.concat(waiting);
        waiting = [];
        wire.send(requests);
        const answers = statuses(
          await wire.until((text) => statuses(text).length >= expected.length, 20_000),
        );
        if (answers.join() === expected.join()) return;
        expect.fail(`SEED=${SEED}: expected ${expected}, not ${answers}, to ${requests.toString('latin1')}`);
      };
      for (let ended = false; !ended && expected.length < most; ) {
        const { lines, body } = mutated(chance, () => {});
        const seen = onTheWire(lines);
        const isRight = seen !== null && intake.judge(rawOf(seen)) !== null;
        // With a body, an answer of 401 ends the connection; most go without, so that many fit on one.
        const hasBody = isRight || chance.fraction() < 0.02;
        const request = requestOf(lines, hasBody ? body : '');
        if (request.length - body.length > 15_000) continue;
        ended = seen === null || (hasBody && !isRight);
        // Whatever ends a connection goes alone: Node does not wait for the answers to what came before nonsense.
        if (ended && waiting.length > 0) await flush();
        waiting.push(request);
        expected.push(seen === null ? 400 : isRight ? 200 : 401);
        if (seen === null) broken += 1;
        else if (areGenuine(seen)) copies += 1;
      }
      await flush();
      wire.socket.destroy();
      sent += expected.length;
    }

    while (sent < total) await send(Math.min(100, total - sent));
    await eventually(() => events.length >= copies);
    expect(events).toHaveLength(copies);
    figure('of these kinds over real sockets', `${sent}, ${broken} of them no HTTP`);
    figure('believed there, each a genuine copy', events.length);
    expect(events.length).toBeGreaterThan(total / 50);
    expect(broken).toBeGreaterThan(total / 100);
  }, 600_000);
});
