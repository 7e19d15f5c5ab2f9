import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { App } from '../../src/app/app.ts';
import { doctor } from '../../src/cli/doctor.ts';
import { sign } from '../../src/sim/index.ts';
import type { FindingView } from '../../src/web/api/messages.ts';
import { freePort } from '../support/ports.ts';
import { eventually, type House, openHouse } from './house.ts';

let house: House;
beforeEach(async () => {
  house = await openHouse();
});
afterEach(() => house.close());

/** The findings of the page, by their names. */
async function asked(app: App): Promise<Map<string, FindingView>> {
  const answer = await fetch(`http://127.0.0.1:${app.privatePort}/api/checks`);
  expect(answer.headers.get('content-type')).toContain('application/x-ndjson');
  const lines = (await answer.text()).trimEnd().split('\n');
  const findings = lines.map((line): FindingView => JSON.parse(line));
  return new Map(findings.map((finding) => [finding.check, finding]));
}

const flat = (text: string): string => text.replace(/\s+/g, ' ').trim();

/** Of the same house at two moments only times and durations differ. */
const timeless = (text: string): string =>
  flat(text)
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replace(/\(\d+ ms\)/g, '(MS)');

async function settled(app: App, isSo: (app: App) => boolean): Promise<void> {
  await eventually(
    () => isSo(app),
    () => JSON.stringify(app.state()),
  );
  // Its state is published within a second of a change.
  await new Promise((resolve) => setTimeout(resolve, 1_200));
}

const isHeld = (app: App): boolean => {
  const { held, wanted } = app.state().subscriptions;
  return wanted > 10 && held === wanted;
};

/** Looks at the house from within and from outside: both have to find the same. */
async function events(app: App): Promise<FindingView> {
  const page = await asked(app);
  const told = timeless((await house.run(doctor)).told());
  for (const { title, seen, advice } of page.values()) {
    expect(told).toContain(timeless(`${title} ${seen}`));
    if (advice !== null) expect(told).toContain(timeless(`→ ${advice}`));
  }
  expect([...page.keys()]).toEqual([
    ...['settings', 'data-folder', 'login-server', 'api', 'token', 'households'],
    ...['broker', 'page', 'callback', 'subscriptions', 'events', 'speech', 'clips'],
  ]);
  const finding = page.get('events');
  if (finding === undefined) throw new Error('There is no check of the events.');
  return finding;
}

/** Posts an event signed with another secret, as another integration would. */
async function postOfAnother(app: App): Promise<void> {
  const parts = {
    ...{ sequence: '1', namespace: 'groupVolume', type: 'groupVolume' },
    ...{ targetType: 'groupId', target: 'RINCON_1:1' },
  };
  const answer = await fetch(`http://127.0.0.1:${app.publicPort}${app.callbackPath}`, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      'X-Sonos-Household-Id': 'Sonos_another',
      'X-Sonos-Namespace': parts.namespace,
      'X-Sonos-Type': parts.type,
      'X-Sonos-Target-Type': parts.targetType,
      'X-Sonos-Target-Value': parts.target,
      'X-Sonos-Event-Seq-Id': parts.sequence,
      'X-Sonos-Event-Signature': sign(parts, 'another-key', 'another-secret'),
    },
    body: '{}',
  });
  expect(answer.status).toBe(401);
}

describe('whether an event really arrived, found alike by the page and by the doctor', () => {
  it('is well with the time of the last one', async () => {
    await house.link();
    const app = await house.start();
    await settled(app, (each) => isHeld(each) && each.state().callback.last_event_at !== null);
    expect(await events(app)).toMatchObject({ verdict: 'well', seen: expect.stringContaining('T') });
  });

  it('is left open while no account is linked', async () => {
    const app = await house.start();
    await settled(app, ({ mqtt }) => mqtt.link.status.connected);
    expect(await events(app)).toMatchObject({ verdict: 'note', seen: expect.stringContaining('no account') });
  });

  it('is not so without a public address', async () => {
    await house.settings({ callback: { public_url: undefined } });
    await house.link();
    const app = await house.start(null);
    await settled(app, (each) => each.state().subscriptions.wanted > 10);
    expect(await events(app)).toMatchObject({
      verdict: 'note',
      seen: expect.stringContaining('no public address'),
    });
  });

  it('is not so while the callback cannot be reached', async () => {
    await house.settings({ callback: { public_url: `http://127.0.0.1:${await freePort()}` } });
    await house.link();
    const app = await house.start(`http://127.0.0.1:${await freePort()}/lost`);
    await settled(app, isHeld);
    expect(await events(app)).toMatchObject({
      verdict: 'wrong',
      seen: expect.stringContaining('ECONNREFUSED'),
      advice: expect.stringContaining('firewall'),
    });
  });

  it('is not so while Sonos holds no subscription', async () => {
    await house.link();
    const app = await house.start(null);
    await settled(app, (each) => each.state().subscriptions.wanted > 10);
    expect(await events(app)).toMatchObject({
      verdict: 'wrong',
      seen: expect.stringMatching(/holds none of \d+ subscriptions/),
      advice: expect.stringContaining('Event Callback URL'),
    });
  });

  it('is not so when all that came was signed by another key', async () => {
    house.sonos.knobs.deliver = false;
    await house.link();
    const app = await house.start();
    await postOfAnother(app);
    await settled(app, isHeld);
    expect(await events(app)).toMatchObject({
      verdict: 'wrong',
      seen: expect.stringContaining('1 request was refused'),
      advice: expect.stringContaining('Key and secret'.toLowerCase()),
    });
  });

  it('is waited for when nothing speaks against it', async () => {
    house.sonos.knobs.deliver = false;
    await house.link();
    const app = await house.start();
    // What a stranger sends says nothing of our key.
    await fetch(`http://127.0.0.1:${app.publicPort}${app.callbackPath}`, { method: 'POST' });
    await settled(app, isHeld);
    const finding = (await asked(app)).get('events');
    expect(finding).toMatchObject({ verdict: 'note', advice: expect.stringContaining('Change a volume') });
  });

  it('is not looked at while no bridge runs', async () => {
    const told = flat((await house.run(doctor)).told());
    expect(told).toContain('– Events not looked at: no bridge runs');
  });
});
