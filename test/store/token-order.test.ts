import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from './support.ts';
import { startTokenServer } from './token-server.ts';
import { run, strace, transpileChild } from './traced-child.ts';

/** Lines of strace, each where its call ended: one that another thread interrupted is joined where it was resumed. */
function endedCalls(log: string): string[] {
  const begun = new Map<string, string>();
  return readFileSync(log, 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, thread = '', rest = ''] = /^(\d+) +(.*)$/u.exec(line) ?? [];
      const [, half] = /^(.*) <unfinished \.\.\.>$/u.exec(rest) ?? [];
      if (half !== undefined) {
        begun.set(thread, half);
        return [];
      }
      const resumed = /^<\.\.\. \w+ resumed>(.*)$/u.exec(rest);
      return [resumed === null ? rest : `${begun.get(thread)}${resumed[1]}`];
    });
}

describe.skipIf(strace === null)('a token save, call by call (needs strace)', () => {
  it('is on the platter, with its name, before it is told and before Sonos sees the token', async () => {
    const server = await startTokenServer('strict');
    const [folder, log] = [temporaryFolder(), join(temporaryFolder(), 'calls')];
    const household = 'Sonos_order';
    const { said } = await run({
      ...{ child: transpileChild(), folder, url: server.url, household, task: 'life', calls: log },
      expressions: ['trace=openat,write,writev,fsync,link,rename'],
      everywhere: true,
    });
    await server.stop();
    expect(said.at(-1)).toEqual({ is: 'stopped', why: 'done' });

    const calls = endedCalls(log);
    const document = `${folder}/accounts.json`;
    const created = calls.flatMap((call, i) =>
      call.startsWith('openat') && call.includes(`${document}.`) && call.includes('O_CREAT') ? [i] : [],
    );
    const saves = said.flatMap((each) => (each.is === 'saving' ? [each] : []));
    expect(created).toHaveLength(saves.length);
    expect(saves.length).toBeGreaterThan(15);
    const seenAt = new Map<string, number>();
    for (const [i, { n, value }] of saves.entries()) {
      const from = created[i] ?? 0;
      const place = (begin: string, rest = ''): number =>
        calls.findIndex((call, at) => at >= from && call.startsWith(begin) && call.includes(rest));
      const [, temporary = ''] = /"([^"]*\.tmp)"/u.exec(calls[from] ?? '') ?? [];
      const written = `<${temporary}>`;
      const order = [
        from,
        place('write(', written),
        place('fsync(', written),
        ...(n === 1 ? [] : [place(`link("${document}", "`)]),
        place(`rename("${temporary}", "${document}")`),
        ...(n === 1 ? [] : [place('rename("', `.tmp", "${document}.good")`)]),
        place('fsync(', `<${folder}>`),
        place('write(1<', `{\\"is\\":\\"saved\\",\\"n\\":${n}}`),
      ];
      expect(order, `save ${n}`).not.toContain(-1);
      expect(order, `save ${n}`).toEqual([...order].sort((a, b) => a - b));
      // The first save that has a token is the one after which the token may be shown.
      for (const { access_token: token } of value.accounts) {
        if (!seenAt.has(token)) seenAt.set(token, order.at(-2) ?? 0);
      }
    }
    expect(seenAt.size).toBeGreaterThan(5);
    for (const [token, durableAt] of seenAt) {
      const used = calls.findIndex((call) => call.includes(`Authorization: Bearer ${token}\\r`));
      expect(used, `${token} is used, and not before it is durable`).toBeGreaterThan(durableAt);
    }
  }, 60_000);
});
