import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import type { StateSeen } from '../../../src/app/checks/broker-seen.ts';
import { checkCallback } from '../../../src/app/checks/callback.ts';
import { checkEvents } from '../../../src/app/checks/events.ts';
import type { Reach, ReachRequest } from '../../../src/app/checks/reach.ts';
import type { World } from '../../../src/app/checks/world.ts';
import { err, ok } from '../../../src/bridge/result.ts';
import { readConfig } from '../../../src/config/read.ts';
import { systemClock, systemRandom } from '../../../src/system.ts';

const PATH = '/events/secret-path';
const HELD = {
  kind: 'held',
  isPrivate: true,
  holder: { pid: 4711, since: '2026-11-21T20:00:00.000Z', inThisSpace: true },
} as const;
const STATE: StateSeen = {
  account: { status: 'linked', login_url: null, token_expires_at: null },
  callback: { last_event_at: null, accepted: 0, rejected: 0 },
  subscriptions: { wanted: 17, held: 17 },
};

const GREETING = ok({ status: 200, text: 'This address takes events from Sonos.\n' });
const answers = (get: Awaited<ReturnType<Reach>>, post = 200) => {
  const asked: ReachRequest[] = [];
  const reach: Reach = async (request) => {
    asked.push(request);
    return request.method === 'POST' ? ok({ status: post, text: '' }) : get;
  };
  return { asked, reach };
};

/** A house that takes events from relays. */
async function world(
  reach: Reach,
  {
    argv = [`--callback.path=${PATH}`, '--callback.public_url=https://relay.example'],
    folder = HELD,
    state = STATE,
  }: {
    argv?: readonly string[];
    folder?: World['folder'];
    state?: StateSeen;
  } = {},
): Promise<World> {
  const read = await readConfig({ argv: ['--callback.relay=true', ...argv], env: {}, cwd: tmpdir() });
  if (!read.ok) throw new Error('The settings cannot be read.');
  return {
    ...{ ...read.value, folder, refusal: null, sonos: null, callbackPath: PATH, notReady: null, reach },
    key: { clientId: 'a', clientSecret: 'b', redirectUri: 'http://127.0.0.1/' },
    broker: async () => ({
      ...{ url: 'mqtt://broker', isEmbedded: false, visit: ok({ version: 5 as const }), refused: [] },
      ...{ readBack: 'came' as const, availability: 'online', state, households: [] },
    }),
    ...{ clock: systemClock, random: systemRandom },
  };
}

describe('the callback of a house with relays', () => {
  it('is well when a signed probe went to the broker', async () => {
    const { asked, reach } = answers(GREETING);
    const finding = await checkCallback(await world(reach));
    expect(finding).toMatchObject({ verdict: 'well', seen: expect.stringContaining('to the broker') });
    expect(asked.map(({ url, method }) => [url, method])).toEqual([
      [`https://relay.example${PATH}`, undefined],
      [`https://relay.example${PATH}`, 'POST'],
    ]);
    expect(asked[1]?.headers).toHaveProperty('X-Sonos-Event-Signature');
    expect(JSON.stringify(finding)).not.toContain(PATH);
  });

  it.each([
    [503, 'could not pass it on', 'relay.topic'],
    [401, 'does not take our signature', 'sonos.client_secret'],
    [404, 'answers, but no relay', 'callback.path'],
  ])('is wrong when the probe is answered with %i', async (status, seen, advice) => {
    const finding = await checkCallback(await world(answers(GREETING, status).reach));
    expect(finding).toMatchObject({
      ...{ verdict: 'wrong', seen: expect.stringContaining(seen), advice: expect.stringContaining(advice) },
    });
  });

  it('is wrong when nobody answers, or somebody else', async () => {
    const nobody = await checkCallback(await world(answers(err('ECONNREFUSED')).reach));
    expect(nobody).toMatchObject({ verdict: 'wrong', seen: expect.stringContaining('ECONNREFUSED') });
    const other = await checkCallback(await world(answers(ok({ status: 503, text: '' })).reach));
    expect(other).toMatchObject({ verdict: 'wrong', seen: expect.stringContaining('but no relay') });
  });

  it('is wrong when the relay leaves in the middle', async () => {
    const reach: Reach = async ({ method }) => (method === 'POST' ? err('ECONNRESET') : GREETING);
    expect(await checkCallback(await world(reach))).toMatchObject({ verdict: 'wrong' });
  });

  it('is only greeted while no bridge runs', async () => {
    const { asked, reach } = answers(GREETING);
    const finding = await checkCallback(await world(reach, { folder: { kind: 'free', isPrivate: true } }));
    expect(finding).toMatchObject({ verdict: 'well', seen: expect.stringContaining('no bridge runs') });
    expect(asked).toHaveLength(1);
  });

  it('is not asked where nobody said where it is', async () => {
    const { asked, reach } = answers(GREETING);
    expect(await checkCallback(await world(reach, { argv: [] }))).toMatchObject({ verdict: 'note' });
    expect(asked).toEqual([]);
  });
});

describe('events of a house with relays', () => {
  const events = async (state: StateSeen) =>
    checkEvents(await world(answers(GREETING).reach, { argv: [], state }));

  it('need no public address here', async () => {
    expect(await events(STATE)).toMatchObject({ verdict: 'note', seen: 'none has come by the relays yet' });
  });

  it('that are refused most likely have another secret', async () => {
    const refused = { ...STATE, callback: { ...STATE.callback, rejected: 2 } };
    expect(await events(refused)).toMatchObject({
      verdict: 'wrong',
      seen: expect.stringContaining('2 messages of relays were refused'),
    });
  });

  it('that come are well', async () => {
    const last_event_at = '2026-11-22T00:00:00.000Z';
    const come = { ...STATE, callback: { ...STATE.callback, last_event_at, accepted: 1 } };
    expect(await events(come)).toMatchObject({ verdict: 'well' });
  });

  it('cannot come without subscriptions', async () => {
    const none = { ...STATE, subscriptions: { wanted: 17, held: 0 } };
    expect(await events(none)).toMatchObject({ verdict: 'wrong' });
  });
});
