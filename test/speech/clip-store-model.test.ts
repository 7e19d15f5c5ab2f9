import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createClipFolder } from '../../src/speech/clip-folder.ts';
import { type ClipStore, openClipStore } from '../../src/speech/clip-store.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { figure, sized } from '../support/figures.ts';
import { bytesIn, DAY, eventually, rememberedLog, soundOf, temporaryFolder } from './clip-house.ts';

const MOST = 5_000;
const RUNS = sized(60, 1_500);

const step = fc.oneof(
  fc.record({ kind: fc.constant('put' as const), key: fc.nat(7), bytes: fc.integer({ min: 1, max: MOST }) }),
  fc.record({ kind: fc.constant('find' as const), key: fc.nat(7) }),
  fc.record({ kind: fc.constant('ask' as const), key: fc.nat(7) }),
  fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(1_000, 700_000, DAY, 3 * DAY) }),
  fc.record({ kind: fc.constant('restart' as const) }),
);

describe('the store of clips, whatever happens in whatever order', () => {
  it('never takes more of the disk than it may, never loses the newest, and never gives another sound', async () => {
    let steps = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (given) => {
        const folder = temporaryFolder();
        const clock = createFakeClock();
        const real = createClipFolder(folder);
        let most = 0;
        const disk = {
          ...real,
          write: async (...parts: Parameters<typeof real.write>) => {
            await real.write(...parts);
            most = Math.max(most, bytesIn(folder));
          },
        };
        const log = rememberedLog();
        const options = { folder, disk, clock, log, secret: 's', maxBytes: MOST, maxAgeMs: 5 * DAY };
        const open = (): Promise<ClipStore> => openClipStore(options);
        let store = await open();
        /** What was put last under each key, and when it was last used. */
        const model = new Map<string, { bytes: number; usedAt: number }>();
        let newest: string | null = null;
        for (const each of given) {
          steps += 1;
          const key = 'key' in each ? `key ${each.key}` : '';
          if (each.kind === 'put') {
            await store.put(key, soundOf(each.bytes));
            model.set(key, { bytes: each.bytes, usedAt: clock.now() });
            newest = key;
          } else if (each.kind === 'find') {
            const clip = await store.find(key);
            const known = model.get(key);
            if (clip !== null) {
              expect(clip.bytes).toBe(known?.bytes);
              expect(clock.now() - (known?.usedAt ?? 0)).toBeLessThanOrEqual(5 * DAY);
              if (known !== undefined) known.usedAt = clock.now();
            }
          } else if (each.kind === 'ask') {
            store.findByName(store.nameOf(key));
          } else if (each.kind === 'wait') {
            await clock.advance(each.ms);
          } else {
            await store.close();
            store = await open();
          }
          await eventually(() => store.size().memoryBytes === 0);
          const last = newest === null ? undefined : model.get(newest);
          if (newest !== null && last !== undefined && clock.now() - last.usedAt < 5 * DAY) {
            expect(store.findByName(store.nameOf(newest))).toMatchObject({ bytes: last.bytes });
          }
          expect(store.size().diskBytes).toBeLessThanOrEqual(MOST);
        }
        await store.close();
        expect(most).toBeLessThanOrEqual(MOST);
        expect(bytesIn(folder)).toBe(store.size().diskBytes);
        expect(log.at('warn')).toEqual([]);
        for (const { facts } of await real.open()) {
          const stream = await real.read(facts, 0, facts.bytes - 1);
          const chunks: Buffer[] = [];
          for await (const chunk of stream ?? []) chunks.push(chunk);
          expect(Buffer.concat(chunks).equals(soundOf(facts.bytes).bytes)).toBe(true);
        }
      }),
      { numRuns: RUNS },
    );
    figure('steps of a clip store against its bounds', steps);
  });
});
