import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { figure } from '../support/figures.ts';
import { bodies } from './attacks/bodies.ts';
import { framing } from './attacks/framing.ts';
import { json } from './attacks/json.ts';
import { otherHeaders } from './attacks/other-headers.ts';
import { leaving, slow } from './attacks/pace.ts';
import { pipelined } from './attacks/pipelined.ts';
import { requestLine } from './attacks/request-line.ts';
import { event, play, type Row } from './attacks/row.ts';
import { signedHeaders } from './attacks/signed-headers.ts';
import { eventually, openListener, openWireTo, startListener } from './house.ts';

const TABLE: Readonly<Record<string, readonly Row[]>> = {
  'where a message ends': framing,
  'the first line and the host': requestLine,
  'the seven headers of Sonos': signedHeaders,
  'all other headers': otherHeaders,
  'several requests on one connection': pipelined,
  'the body as bytes': bodies,
  'the body as JSON': json,
  'senders that leave': leaving,
};

/** What every object, list, text and function has; somebody who reaches a prototype changes it. */
const prototypes = () =>
  [Object, Array, String, Number, Function, Map, Promise].map(({ prototype }) =>
    JSON.stringify(
      Reflect.ownKeys(prototype).map((key) => [
        String(key),
        typeof Reflect.getOwnPropertyDescriptor(prototype, key)?.value,
      ]),
    ),
  );
const untouched = prototypes();

let house: Awaited<ReturnType<typeof startListener>>;
let knocks = 0;

beforeAll(async () => {
  house = await startListener();
});

afterAll(async () => {
  await house.listener.stop();
});

/** A true event on a new connection: when it has arrived, so has everything that was believed before it. */
async function knock({ port, events }: typeof house): Promise<void> {
  knocks += 1;
  const sequence = String(900_000 + knocks);
  const wire = await openWireTo(port);
  wire.send(event(sequence));
  expect(await wire.status()).toBe(200);
  wire.socket.destroy();
  await eventually(() => events.at(-1)?.sequence === sequence);
  events.pop();
}

const sequencesOf = ({ events }: typeof house) => events.map(({ sequence }) => sequence);

describe.each(Object.entries(TABLE))('the public listener knows what to make of %s', (_what, rows) => {
  it.each(rows.map((row) => [row.name, row] as const))('%s', async (_name, row) => {
    house.events.length = 0;
    const outcome = await play(row, house.port);
    await knock(house);
    const { answers, end, events } = row;
    expect({ ...outcome, events: sequencesOf(house) }).toEqual({ answers, end, events });
    expect(prototypes()).toEqual(untouched);
  });
});

it('knows what to make of senders that are slow, and cuts them off in time', async () => {
  const slowHouse = await openListener();
  const outcomes = await Promise.all(
    slow.map(async (row) => ({ name: row.name, ...(await play(row, slowHouse.port, 25_000)) })),
  );
  await knock(slowHouse);
  expect(outcomes).toEqual(slow.map(({ name, answers, end }) => ({ name, answers, end })));
  expect(sequencesOf(slowHouse).sort()).toEqual(slow.flatMap(({ events }) => events).sort());
}, 45_000);

it('is a table of some size, with every name once', () => {
  const rows = [...Object.values(TABLE).flat(), ...slow];
  for (const table of Object.values(TABLE)) {
    const names = table.map(({ name }) => name);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  }
  expect(rows.length).toBeGreaterThanOrEqual(120);
  figure('rows of the raw-socket table of the public listener', rows.length);
  // Most are attacks, and some must go well: a listener that refuses everything would not pass.
  const believed = rows.filter(({ events }) => events.length > 0);
  figure('of which the bridge sees an event', believed.length);
  expect(believed.length).toBeGreaterThan(60);
  expect(rows.length - believed.length).toBeGreaterThan(250);
});
