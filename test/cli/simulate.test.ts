import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { simulate } from '../../src/cli/simulate.ts';
import { createPerson, eventually } from './house.ts';

const stateSchema = z.object({ rooms: z.array(z.object({ name: z.string(), volume: z.number() })) });

async function open(...argv: string[]) {
  const person = createPerson({ argv: ['--port', '0', ...argv] });
  const ended = simulate(person.context);
  await eventually(() => person.told().includes('Ctrl-C ends it'), person.told);
  const url = /is at (http:\S+:\d+)/.exec(person.told())?.[1] ?? '';
  return { ...person, ended, url };
}

describe('the simulated Sonos alone', () => {
  it('tells how a bridge gets to it, and does what its examples say', async () => {
    const { told, ended, interrupt, url } = await open();
    expect(told()).toContain(`api_url: ${url}/control/api/v1`);
    expect(told()).toContain(`login_url: ${url}`);
    expect(told()).toContain('client_id: demo-client');
    const examples = [...told().matchAll(/curl (\S+)(?: -d '(.+)')?$/gm)];
    expect(examples.length).toBeGreaterThan(6);
    for (const [, address = '', body] of examples) {
      const answer = await fetch(
        address.replace('…', 'x'),
        body === undefined ? {} : { method: 'POST', body },
      );
      expect(answer.status, address).toBe(200);
    }
    const state = stateSchema.parse(await (await fetch(`${url}/sim/state`)).json());
    expect(state.rooms).toHaveLength(6);
    expect(state.rooms.find(({ name }) => name === 'Kitchen')?.volume).toBe(30);
    interrupt();
    expect(await ended).toBe(0);
    await expect(fetch(`${url}/sim/state`)).rejects.toThrow();
  });

  it('takes key, seed, callback and life from its flags', async () => {
    const flags = ['--client-id', 'me', '--client-secret', 'mine', '--seed', '7', '--life'];
    const { told, ended, interrupt } = await open(
      ...flags,
      '--callback',
      'https://bridge.example.org/events',
    );
    expect(told()).toContain('client_id: me');
    expect(told()).toContain('client_secret: mine');
    expect(told()).toContain('Events go to https://bridge.example.org/events');
    expect(told()).not.toContain('/sim/callback');
    expect(told()).toContain('live their day');
    interrupt();
    expect(await ended).toBe(0);
  });

  it('listens for a whole network when told to', async () => {
    const { told, ended, interrupt, url } = await open('--host', '0.0.0.0');
    expect(told()).toContain('listening at 0.0.0.0');
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:/);
    interrupt();
    await ended;
  });

  it.each([
    [['--pot', '1'], "Unknown option '--pot'"],
    [['surplus'], 'Unexpected argument'],
    [['--port', '99999'], '--port: expected a port'],
    [['--callback', 'there'], '--callback: expected the http or https URL'],
    [['--seed', 'x', '--host', 'a b'], '--host: expected'],
  ])('a wrong flag is told: %s', async (argv, words) => {
    const { context, complaints } = createPerson({ argv });
    expect(await simulate(context)).toBe(2);
    expect(complaints()).toContain(words);
  });

  it('a port that another program has is told', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? String(address?.port) : '';
    const { context, complaints } = createPerson({ argv: ['--port', port] });
    expect(await simulate(context)).toBe(1);
    expect(complaints()).toContain('another program has the port');
    server.close();
    const elsewhere = createPerson({ argv: ['--host', '192.0.2.7'] });
    expect(await simulate(elsewhere.context)).toBe(1);
    expect(elsewhere.complaints()).toContain('EADDRNOTAVAIL');
  });
});
