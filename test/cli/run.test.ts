import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { run } from '../../src/cli/run.ts';
import { createPerson } from './house.ts';

async function type(...argv: string[]) {
  const { context, told, complaints } = createPerson({ cwd: tmpdir() });
  return { code: await run(argv, context), told: told(), complaints: complaints() };
}

describe('the command line', () => {
  it.each([['--help'], ['-h'], ['help'], ['doctor', '--help']])('%s tells every command', async (...argv) => {
    const { code, told } = await type(...argv);
    expect(code).toBe(0);
    for (const name of ['start', 'demo', 'simulate', 'login', 'doctor', 'config'])
      expect(told).toContain(`  ${name}`);
  });

  it('a slip is answered with what was probably meant', async () => {
    const { code, complaints } = await type('docter');
    expect(code).toBe(2);
    expect(complaints).toContain('Did you mean "doctor"?');
  });

  it('the version is that of the package', async () => {
    expect(await type('--version')).toMatchObject({ code: 0, told: expect.stringMatching(/^\d+\.\d+\.\d+/) });
  });

  it('the settings in force are printed', async () => {
    const { code, told } = await type('config', '--web.port', '8080');
    expect(code).toBe(0);
    expect(told).toContain('port: 8080 # --web.port');
  });

  it.each(['demo', 'simulate', 'login', 'doctor'])('%s is there', async (name) => {
    const { code, complaints, told } = await type(name, '--no-such-flag');
    expect([1, 2]).toContain(code);
    expect(`${complaints}${told}`).toContain('no-such-flag');
  });
});
