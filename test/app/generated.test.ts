import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openGenerated } from '../../src/app/generated.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { systemClock, systemRandom } from '../../src/system.ts';
import { recordingLog } from '../mqtt/link-fixtures.ts';

describe('what the bridge makes up once', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'generated-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function opened<T>(work: (store: Store) => Promise<T>): Promise<T> {
    const store = await openStore({ folder, clock: systemClock, random: systemRandom, log: recordingLog() });
    if (!store.ok) throw new Error(store.error.message);
    try {
      return await work(store.value);
    } finally {
      await store.value.close();
    }
  }

  it('is unguessable, on disk before it is used, for the owner alone, and the same ever after', async () => {
    const first = await opened(async (store) => {
      const made = await openGenerated(store, systemRandom);
      expect(JSON.parse(await readFile(join(folder, 'generated.json'), 'utf8'))).toMatchObject(made);
      return made;
    });
    // 128 bits are 22 characters of base64url.
    expect(first.callback_secret).toMatch(/^[\w-]{22}$/);
    expect(first.mqtt_client).toMatch(/^[\w-]{8}$/);
    expect(first.callback_secret).not.toContain(first.mqtt_client);
    expect(first.clip_secret).toMatch(/^[\w-]{22}$/);
    expect(first.clip_secret).not.toBe(first.callback_secret);
    expect((await stat(join(folder, 'generated.json'))).mode & 0o777).toBe(0o600);
    expect(await opened((store) => openGenerated(store, systemRandom))).toEqual(first);
  });

  it('survives that its file is torn, by the last good copy', async () => {
    const first = await opened((store) => openGenerated(store, systemRandom));
    // From the second start on there is a good copy beside it.
    await opened((store) => openGenerated(store, systemRandom));
    await writeFile(join(folder, 'generated.json'), '{"callback_sec');
    expect(await opened((store) => openGenerated(store, systemRandom))).toEqual(first);
  });

  it('gets the secret of clips in a folder of an earlier version, where the rest stays what Sonos and the broker know', async () => {
    const earlier = { callback_secret: 'known-to-sonos-0123456', mqtt_client: 'old_name' };
    await writeFile(join(folder, 'generated.json'), JSON.stringify(earlier));
    const first = await opened(async (store) => {
      const made = await openGenerated(store, systemRandom);
      expect(JSON.parse(await readFile(join(folder, 'generated.json'), 'utf8'))).toMatchObject(made);
      return made;
    });
    expect(first).toEqual({ ...earlier, clip_secret: expect.stringMatching(/^[\w-]{22}$/) });
    expect(await opened((store) => openGenerated(store, systemRandom))).toEqual(first);
  });
});
