import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { readHiddenLine } from '../../src/cli/hidden-line.ts';
import { run } from '../../src/cli/run.ts';
import { isPasswordOf, readPasswordHash } from '../../src/web/access/password-hash.ts';
import { builtProgram } from '../support/built-program.ts';
import { createPerson } from './house.ts';

async function typed(types: (() => string | null) | undefined) {
  const { context, told, complaints } = createPerson({ cwd: '/', ...(types === undefined ? {} : { types }) });
  return { code: await run(['password'], context), told: told(), complaints: complaints() };
}

describe('sonos-mqtt-bridge password', () => {
  it('prints what web.password may be instead of the password', async () => {
    const { code, told } = await typed(() => 'pässwörd of mine');
    expect(code).toBe(0);
    const hash = readPasswordHash(/\$scrypt\$\S+/.exec(told)?.[0] ?? '');
    if (hash === null) throw new Error('expected a hash');
    expect(await isPasswordOf('pässwörd of mine', hash)).toBe(true);
    expect(told).not.toContain('of mine');
  });

  it.each([() => 'short', () => '', () => null, undefined])('refuses %s', async (types) => {
    const { code, complaints, told } = await typed(types);
    expect(code).toBe(1);
    expect(complaints).toContain('at least 8 characters');
    expect(told).not.toContain('$scrypt');
  });

  it('reads from a pipe, and prints nothing but the hash to the other', async () => {
    const child = spawn(process.execPath, [await builtProgram(), 'password']);
    child.stdin.end('a password in a pipe\nanother line\n');
    const [said, complaints] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close'),
    ]);
    expect(said).toMatch(/^\$scrypt\$ln=15,r=8,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}\n$/);
    expect(`${said}${complaints}`).not.toContain('pipe');
    const hash = readPasswordHash(said.trim());
    expect(hash !== null && (await isPasswordOf('a password in a pipe', hash))).toBe(true);
  });
});

describe('a line that is not shown', () => {
  /** Somebody at a terminal, which would show what it is told to. */
  function terminal() {
    const keyboard = Object.assign(new PassThrough(), {
      isTTY: true,
      modes: [] as boolean[],
      setRawMode(mode: boolean) {
        keyboard.modes.push(mode);
      },
    });
    const pressed: string[] = [];
    const line = readHiddenLine(keyboard, () => pressed.push('Ctrl-C'));
    return { keyboard, pressed, line };
  }

  it('is read with the terminal silent, which speaks again afterwards', async () => {
    const { keyboard, line } = terminal();
    keyboard.write('secrex\x7ft\r');
    expect(await line).toBe('secret');
    expect(keyboard.modes).toEqual([true, false]);
    expect(keyboard.read()).toBeNull();
  });

  it('lets Ctrl-C through', async () => {
    const { keyboard, pressed, line } = terminal();
    keyboard.write('\x03');
    await new Promise(setImmediate);
    expect(pressed).toEqual(['Ctrl-C']);
    keyboard.end();
    expect(await line).toBeNull();
  });
});
