import { expect, it } from 'vitest';
import { ok } from '../../src/bridge/result.ts';
import { type Probe, play, type Row } from '../events/attacks/row.ts';
import { askWithoutReading, openWire } from '../events/house.ts';
import { figure } from '../support/figures.ts';
import { how } from './attacks/how.ts';
import { leaving, slow } from './attacks/pace.ts';
import { what } from './attacks/what.ts';
import { who } from './attacks/who.ts';
import { fakeLogin, openHouse } from './house.ts';

const PROBE: Probe = {
  bytes: Buffer.from('PUT /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n'),
  status: 405,
};

/** A listener that notes what it was made to do. */
async function openTarget() {
  const deeds: string[] = [];
  const login = fakeLogin();
  const house = await openHouse({
    login: {
      start: () => {
        deeds.push('start a login');
        return login.start();
      },
      finish: async () => {
        deeds.push('finish a login');
        return ok({ households: [], known: false });
      },
    },
  });
  return { ...house, deeds };
}

/** Somebody who knows the password is let in on a new connection, and nothing of before is under way any more. */
async function visited({ visit, log }: Awaited<ReturnType<typeof openTarget>>): Promise<void> {
  expect((await visit('/health/ready')).status).toBe(200);
  expect(log.lines.filter(({ level }) => level === 'error')).toEqual([]);
}

it('the private listener knows what to make of every odd request', async () => {
  const house = await openTarget();
  const rows = [who, what, how, leaving].flatMap((table) => table(house));
  for (const row of rows) {
    house.deeds.length = 0;
    const outcome = await play(row, house.port, 5_000, PROBE);
    await visited(house);
    const { name, answers, end, events } = row;
    expect.soft({ name, ...outcome, deeds: house.deeds }).toEqual({ name, answers, end, deeds: events });
  }
  figure('rows of the raw-socket table of the private listener', rows.length + slow().length);
  const doing = rows.filter(({ events }) => events.length > 0).length;
  expect(doing).toBeGreaterThan(4);
  expect(rows.length - doing).toBeGreaterThan(25);
}, 60_000);

it('the private listener cuts off senders that are slow', async () => {
  const house = await openTarget();
  const played = async (row: Row) => ({ name: row.name, ...(await play(row, house.port, 25_000, PROBE)) });
  const outcomes = await Promise.all(slow().map(played));
  await visited(house);
  expect(outcomes).toEqual(slow().map(({ name, answers, end }) => ({ name, answers, end })));
  expect(house.deeds).toEqual([]);
}, 45_000);

it('the private listener cuts off who never reads an answer', async () => {
  const house = await openHouse({ stalledMs: 300 });
  const wire = await openWire(house.port);
  const head = 'GET /health/live HTTP/1.1\r\nHost: localhost\r\nX: ';
  // Of a size that divides what is read at once: half a question would run into another deadline.
  await askWithoutReading(wire, Buffer.from(`${head}${'x'.repeat(128 - head.length - 4)}\r\n\r\n`));
  expect((await house.visit('/health/ready')).status).toBe(200);
}, 60_000);
