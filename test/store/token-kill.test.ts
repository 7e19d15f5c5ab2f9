import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { figure, isLong } from '../support/figures.ts';
import { nextStart } from './after-death.ts';
import { temporaryFolder } from './support.ts';
import { inTurns, readCalls, type SystemCall } from './system-calls.ts';
import type { Said } from './token-child.ts';
import { type Policy, policies, startTokenServer, type TokenServer } from './token-server.ts';
import { logged, run, strace, transpileChild } from './traced-child.ts';

const AT_ONCE = 3;
/** The first save of a refresh; before it come the two of the login. */
const REFRESH = 3;
/** Before the first of these a refresh is lost, before the second it is kept, and not yet acknowledged. */
const TELLING = ['rename *.tmp accounts.json', 'fsync .'];

const servers = new Map<Policy, TokenServer>();
let child = '';
beforeAll(async () => {
  child = transpileChild();
  for (const policy of policies) servers.set(policy, await startTokenServer(policy));
}, 60_000);
afterAll(() => Promise.all([...servers.values()].map((server) => server.stop())));

function serverOf(policy: Policy): TokenServer {
  const server = servers.get(policy);
  if (server === undefined) throw new Error(`there is no ${policy} server`);
  return server;
}

/** One kill: before a system call of the life of a household whose server has that policy. */
interface Point extends SystemCall {
  readonly policy: Policy;
}

/** The calls of a whole life that nobody cuts short. */
async function wholeLife(policy: Policy): Promise<readonly Point[]> {
  const [folder, calls] = [temporaryFolder(), join(temporaryFolder(), 'calls')];
  const options = { child, folder, household: `Sonos_${policy}`, task: 'life', calls } as const;
  const { url } = serverOf(policy);
  const { said } = await run({ ...options, url, expressions: ['trace=%file,%desc'] });
  expect(said.at(-1)).toEqual({ is: 'stopped', why: 'done' });
  return readCalls(calls, folder).map((call) => ({ ...call, policy }));
}

/** In the short form one call of three saves in four, each time a later one, and those that decide. */
function chosen(calls: readonly Point[]): readonly Point[] {
  const first = new Map<number, number>();
  return calls.filter(({ save, place, policy }, i) => {
    if (isLong || (save === REFRESH && TELLING.includes(place))) return true;
    if (!first.has(save)) first.set(save, i);
    const turn = policies.indexOf(policy);
    const length = calls.filter((call) => call.save === save).length;
    const position = (save + 5 * turn) % length;
    return save > 0 && (save + turn) % 4 > 0 && i - (first.get(save) ?? 0) === position;
  });
}

/** Whether the run was killed between the server's answer and the disk. */
function diedSaving(said: readonly Said[]): boolean {
  const saved = new Set(said.flatMap((each) => (each.is === 'saved' ? [each.n] : [])));
  return said.some((each) => each.is === 'saving' && !saved.has(each.n));
}

describe.skipIf(strace === null)('a bridge that is killed during a token save (needs strace)', () => {
  it('at any system call loses no token that the login server would still take', async () => {
    const lives = await Promise.all(policies.map(wholeLife));
    const points = lives.flatMap(chosen);
    const killedAt = new Set<string>();
    const outcomes = new Map<string, number>();
    const count = (what: string) => outcomes.set(what, (outcomes.get(what) ?? 0) + 1);

    await inTurns(points, AT_ONCE, async ({ policy, name, when, place }) => {
      const server = serverOf(policy);
      const folder = temporaryFolder();
      const household = `Sonos_${policy}_${name}_${when}`;
      const expressions = [`trace=${name}`, `inject=${name}:signal=KILL:when=${when}`];
      const life = await run({ child, folder, url: server.url, household, task: 'life', expressions });
      const here = `${policy} refresh tokens, killed at ${place} (${name} ${when})`;
      expect(life, here).toMatchObject({ wasKilled: true, complaints: '' });
      expect(
        logged(life, 'error').filter((line) => !line.includes('log in again')),
        here,
      ).toEqual([]);
      const { outcome, neededPrevious } = await nextStart(server, folder, household, life.said).catch(
        (cause) => {
          throw new Error(here, { cause });
        },
      );
      if (outcome === 'needs a login now') {
        const isServers = policy === 'strict' && diedSaving(life.said);
        expect(isServers || server.asked(household).includes('revoke'), here).toBe(true);
      }
      killedAt.add(place);
      count(outcome);
      count(`${policy}: ${outcome}`);
      if (neededPrevious) count(`${policy}: needed the token before`);
    });

    figure('kills at system calls of token saves', `${points.length} of ${lives.flat().length} calls`);
    figure('what the next start found', JSON.stringify(Object.fromEntries(outcomes)));
    // Every kind of call that a save makes was among them, and both of what the server decides.
    const places = lives.flat().filter(({ save }) => save > 1);
    expect([...killedAt]).toEqual(expect.arrayContaining(places.map(({ place }) => place)));
    expect(outcomes.get('recovered')).toBeGreaterThan(points.length / 3);
    expect(outcomes.get('strict: needs a login now')).toBeGreaterThan(0);
    expect(outcomes.get('forgetful: needed the token before')).toBeGreaterThan(0);
    if (isLong) expect(points.length).toBeGreaterThan(1000);
  }, 1_800_000);
});
