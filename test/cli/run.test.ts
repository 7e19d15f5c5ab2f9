import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { run } from '../../src/cli/run.ts';
import { createPerson } from './house.ts';

const type = (...argv: string[]) => typeWith({}, ...argv);

async function typeWith(env: Readonly<Record<string, string>>, ...argv: string[]) {
  const { context, told, complaints } = createPerson({ cwd: tmpdir(), env });
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

  it('a slip that may be a secret is not repeated', async () => {
    const { code, complaints } = await type('c4nary-0123-token');
    expect(code).toBe(2);
    expect(complaints).toContain('There is no command "…".');
  });

  it.each(['NODE_DEBUG', 'NODE_DEBUG_NATIVE'])('nothing is done while %s makes Node talk', async (name) => {
    const { code, told, complaints } = await typeWith({ [name]: 'http' }, 'config');
    expect(code).toBe(2);
    expect(complaints).toContain(`${name} is set`);
    expect(told).toBe(complaints);
  });

  it('DEBUG is told to be left aside', async () => {
    const { code, complaints } = await typeWith({ DEBUG: '*', NODE_DEBUG: '' }, 'config');
    expect(code).toBe(0);
    expect(complaints).toMatch(/^DEBUG is set, and was left aside/);
  });

  it('secrets among the flags are warned of, each by its better ways', async () => {
    const { code, complaints } = await type(
      ...[
        'config',
        '--web.password',
        'c4nary-0123-token',
        '--mqtt.password=c4nary-4567-token',
        '--web.port',
        '1',
      ],
    );
    expect(code).toBe(0);
    const lines = complaints.split('\n');
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(
      /^--mqtt\.password is a secret.*BRIDGE_MQTT_PASSWORD or BRIDGE_MQTT_PASSWORD_FILE/,
    );
    expect(lines[1]).toMatch(/^--web\.password is a secret.*BRIDGE_WEB_PASSWORD or BRIDGE_WEB_PASSWORD_FILE/);
    expect(complaints).not.toContain('c4nary');
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
