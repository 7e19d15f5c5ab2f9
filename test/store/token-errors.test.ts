import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { figure, isLong } from '../support/figures.ts';
import { checkedDisk, nextStart } from './after-death.ts';
import { createTestLog, temporaryFolder } from './support.ts';
import { inTurns, readCalls, type SystemCall } from './system-calls.ts';
import { laterClock, openTokenHouse, type TokenHouse } from './token-house.ts';
import { startTokenServer, type TokenServer } from './token-server.ts';
import { type Life, logged, type RunOptions, run, strace, transpileChild } from './traced-child.ts';

const AT_ONCE = 3;
const ROUNDS = 3;
/** From the one that is meant on, every so many calls of its name fail. */
const EVERY = 5;

const REASONS = {
  ENOSPC: 'disk_full',
  EROFS: 'read_only',
  EIO: 'disk_error',
  EACCES: 'not_allowed',
  EDQUOT: 'disk_full',
  EINTR: 'disk_error',
} as const;
type Code = keyof typeof REASONS;
const codes: readonly Code[] = ['ENOSPC', 'EROFS', 'EIO', 'EACCES', 'EDQUOT', 'EINTR'];

let server: TokenServer;
let child = '';
beforeAll(async () => {
  child = transpileChild();
  server = await startTokenServer('overlapping');
}, 60_000);
afterAll(() => server.stop());

let homes = 0;
type Given = Pick<RunOptions, 'task' | 'expressions'> & Partial<RunOptions>;

/** Runs a child, and answers what it said and what it asked of the system. */
async function traced(
  given: Given,
): Promise<Life & { readonly calls: readonly SystemCall[]; readonly options: RunOptions }> {
  homes += 1;
  const calls = join(temporaryFolder(), 'calls');
  const fresh = { child, folder: temporaryFolder(), url: server.url, household: `Sonos_${homes}`, calls };
  const options: RunOptions = { ...fresh, ...given };
  const life = await run(options);
  return { ...life, calls: readCalls(calls, options.folder), options };
}

/** The first of each of these calls, with every code; in the short form each with another one. */
function faults(calls: readonly SystemCall[]): (SystemCall & { readonly code: Code })[] {
  const places = [...new Map([...calls].reverse().map((call) => [call.place, call])).values()];
  return places.flatMap((call, i) =>
    codes.filter((_, j) => isLong || j === i % codes.length).map((code) => ({ ...call, code })),
  );
}

describe.skipIf(strace === null)('a disk that refuses a system call of a token save (needs strace)', () => {
  it('is survived and told, whichever call and however often, and the next save goes well', async () => {
    const whole = await traced({ task: 'rounds', rounds: ROUNDS, expressions: ['trace=%file,%desc'] });
    const ofSaves = whole.calls.filter(({ save }) => save > 2);
    const failedAt = new Set<string>();
    let failures = 0;
    let refusals = 0;

    const points = faults(ofSaves);
    await inTurns(points, AT_ONCE, async ({ name, when, place, code }) => {
      const inject = `inject=${name}:error=${code}:when=${when}+${EVERY}`;
      const folder = temporaryFolder();
      const life = await traced({
        ...{ task: 'rounds', rounds: ROUNDS, folder },
        expressions: [`trace=${name}`, inject],
        afterRound: (said) => checkedDisk(folder, said),
      });
      const { said, calls } = life;
      const here = `${place} fails with ${code}`;
      expect(said.at(-1), here).toEqual({ is: 'stopped', why: 'done' });
      const injected = calls.filter(({ wasInjected }) => wasInjected);
      expect(injected.length, here).toBeGreaterThan(1);
      const refused = said.filter((each) => each.is === 'refused');
      for (const { reason, code: seen } of refused)
        expect([reason, seen], here).toEqual([REASONS[code], code]);
      // The house goes on with what is in memory, and health tells the trouble until a save goes well.
      let last: string | null = null;
      for (const each of said) {
        if (each.is === 'saved') last = null;
        if (each.is === 'refused') last = each.reason;
        if (each.is === 'round') expect(each, here).toEqual({ is: 'round', ended: 'ok', trouble: last });
      }
      const words = logged(life, 'error').join('\n');
      if (refused.length > 0) expect(words, here).toMatch(new RegExp(`could not be saved: ${code}\\. [A-Z]`));
      else if (code !== 'EINTR') expect(words, here).toContain('can no longer be read');
      expect(words).not.toMatch(/\.tmp|(?:refresh|access)-Sonos/);
      expect((await nextStart(server, folder, life.options.household, said)).outcome, here).toBe('recovered');
      for (const { place } of injected) failedAt.add(`${code} ${place}`);
      failures += injected.length;
      refusals += refused.length;
    });

    figure(
      'failed system calls of token saves',
      `${failures} (${codes.join(', ')}), ${refusals} saves refused`,
    );
    for (const { code, place } of points) expect(failedAt).toContain(`${code} ${place}`);
  }, 1_200_000);

  it('of a login is told to the person, and no half of an account is left', async () => {
    const whole = await traced({ task: 'rounds', expressions: ['trace=%file,%desc'] });
    const points = faults(whole.calls.filter(({ save }) => save === 1)).filter(
      (_, i) => isLong || i % 3 === 0,
    );
    await inTurns(points, AT_ONCE, async ({ name, when, place, code }) => {
      const inject = `inject=${name}:error=${code}:when=${when}`;
      const { said, options } = await traced({ task: 'rounds', expressions: [`trace=${name}`, inject] });
      const here = `${place} fails with ${code}`;
      const wasRefused = said.some((each) => each.is === 'refused');
      expect(wasRefused || code === 'EINTR', here).toBe(true);
      const ended = wasRefused ? 'not_saved' : 'ok';
      expect(said, here).toContainEqual({ is: 'step', step: 'login', ended });
      const { outcome } = await nextStart(server, options.folder, options.household, said);
      expect(outcome, here).toBe(wasRefused ? 'nothing linked' : 'recovered');
    });
    figure('failed system calls of logins', points.length);
  }, 600_000);
});

/** All files of a folder. */
const contents = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.startsWith('accounts'))
      .map(({ name }) => [name, readFileSync(join(folder, name), 'utf8')]),
  );

const house = (folder: string, household: string, clock = laterClock()): Promise<TokenHouse> =>
  openTokenHouse({ folder, url: server.url, household, log: createTestLog(), clock });

/** A household with tokens on the disk; answers its folder. */
async function linked(household: string): Promise<string> {
  const folder = temporaryFolder();
  const clock = laterClock();
  const first = await house(folder, household, clock);
  expect(await first.login()).toBe('ok');
  clock.sleep(1.05);
  expect(await first.call()).toBe('ok');
  await first.close();
  return folder;
}

describe.skipIf(strace === null)('a disk that refuses a system call of the start (needs strace)', () => {
  it.each(['whole', 'torn'])(
    'with a %s document is told in words; no token is forgotten',
    async (state) => {
      const household = `Sonos_${state}`;
      const folder = await linked(household);
      const files = contents(folder);
      if (state === 'torn') files['accounts.json'] = files['accounts.json']?.slice(0, 100) ?? '';
      const copied = (): string => {
        const copy = join(temporaryFolder(), 'data');
        mkdirSync(copy, { mode: 0o700 });
        for (const [name, content] of Object.entries(files)) {
          writeFileSync(join(copy, name), content, { mode: 0o600 });
        }
        return copy;
      };
      const start = (given: Partial<RunOptions>) =>
        traced({ task: 'call', folder: copied(), household, expressions: [], ...given });

      const whole = await start({ expressions: ['trace=%file,%desc'] });
      expect(whole.said).toContainEqual({ is: 'step', step: 'call', ended: 'ok' });
      const reads = whole.calls.filter(({ place, save }) => save === 0 && place.includes('accounts'));
      const two = ['EIO', 'EACCES'] as const;
      const points = reads.flatMap((call, i) =>
        two.filter((_, j) => isLong || i % 6 === 3 * j).map((code) => ({ ...call, code })),
      );
      let refusals = 0;
      await inTurns(points, AT_ONCE, async ({ name, when, place, code }) => {
        const given = {
          folder: copied(),
          expressions: [`trace=${name}`, `inject=${name}:error=${code}:when=${when}`],
        };
        const { said, complaints, calls } = await start(given);
        const here = `${place} fails with ${code}`;
        expect(complaints, here).toBe('');
        expect(
          calls.filter(({ wasInjected }) => wasInjected),
          here,
        ).toHaveLength(1);
        const last = said.at(-1);
        if (last?.is === 'stopped' && last.why === 'done') {
          expect(said, here).toContainEqual({ is: 'step', step: 'call', ended: 'ok' });
        } else {
          refusals += 1;
          expect(last, here).toEqual({
            is: 'stopped',
            why: expect.stringMatching(new RegExp(`\\(?${code}\\)?\\. [A-Z]`)),
          });
          expect(contents(given.folder), here).toEqual(files);
        }
        const after = await start({ folder: given.folder });
        expect(after.said, here).toContainEqual({ is: 'step', step: 'call', ended: 'ok' });
      });
      figure(
        `failed system calls of a start on a ${state} document`,
        `${points.length}, ${refusals} refused`,
      );
      expect(refusals).toBeGreaterThan(points.length / 3);
    },
    600_000,
  );
});
