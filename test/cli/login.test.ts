import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { browserOpener, openInBrowser } from '../../src/cli/browser.ts';
import { login } from '../../src/cli/login.ts';
import { LIVING_HOUSEHOLD_ID } from '../../src/sim/index.ts';
import { createPerson, follow, type House, openHouse, type Typing } from './house.ts';

let house: House;
beforeEach(async () => {
  house = await openHouse();
});
afterEach(() => house.close());

/** Types one answer after the other; a function is asked what to type. */
const typing = (...answers: readonly (string | Typing)[]): Typing => {
  const left = [...answers];
  return (question, told) => {
    const next = left.shift();
    return typeof next === 'function' ? next(question, told) : (next ?? null);
  };
};

const accounts = async (): Promise<string> =>
  readFile(join(house.dataFolder, 'accounts.json'), 'utf8').catch(() => '{"accounts":[]}');

describe('login from a terminal', () => {
  it('links the account with the address that the browser ended at', async () => {
    const { code, told, complaints } = await house.run(login, { types: (_, said) => follow(said) });
    expect(complaints()).toBe('');
    expect(code).toBe(0);
    expect(told()).toContain('The account is linked.');
    expect(told()).toContain(LIVING_HOUSEHOLD_ID);
    expect(await accounts()).toContain(LIVING_HOUSEHOLD_ID);
    expect((await stat(join(house.dataFolder, 'accounts.json'))).mode & 0o077).toBe(0);
  });

  it('gives the folder back, so that the bridge can start at once', async () => {
    await house.link();
    const app = await house.start();
    expect(app.state().account.status).toBe('linked');
  });

  it('says that an account was linked before', async () => {
    await house.link();
    const { code, told } = await house.run(login, { types: (_, said) => follow(said) });
    expect(code).toBe(0);
    expect(told()).toContain('linked before');
  });

  it('teaches after a wrong paste, and takes the right one', async () => {
    const { code, complaints, told } = await house.run(login, {
      types: typing('what?', 'https://elsewhere.example.org/oauth?code=a&state=b', (_, said) => follow(said)),
    });
    expect(code).toBe(0);
    expect(complaints()).toContain('is not an address');
    expect(complaints()).toContain('is one of elsewhere.example.org, but');
    // The login that was begun is still good, so its address is told once.
    expect(told().match(/ 1\. Open this address/g)).toHaveLength(1);
  });

  it('begins a new login when the person said no by mistake', async () => {
    const { code, complaints, told } = await house.run(login, {
      types: typing(
        (_, said) => follow(said, 'deny=1'),
        (_, said) => follow(said),
      ),
    });
    expect(code).toBe(0);
    expect(complaints()).toContain('The access was refused');
    expect(told().match(/ 1\. Open this address/g)).toHaveLength(2);
  });

  it('gives up after three wrong ones and keeps nothing', async () => {
    const { code, complaints } = await house.run(login, { types: typing('one', 'two', 'three', 'four') });
    expect(code).toBe(1);
    expect(complaints().match(/✗/g)).toHaveLength(3);
    expect(complaints()).toContain('given up after 3 tries');
    expect(await accounts()).not.toContain('Sonos_');
  });

  it('ends at the end of the input', async () => {
    const { code, complaints } = await house.run(login, { types: () => null });
    expect(code).toBe(1);
    expect(complaints()).toContain('was not finished; nothing has changed');
  });

  it('ends at Ctrl-C while it waits for the paste', async () => {
    const config = join(house.folder, 'config.yaml');
    const person = createPerson({ argv: ['--config', config], types: () => new Promise(() => {}) });
    const ended = login(person.context);
    setTimeout(person.interrupt, 100);
    expect(await ended).toBe(1);
    expect(person.complaints()).toContain('was not finished');
  });

  it('never shows what makes the login secret', async () => {
    let pasted = '';
    const { told } = await house.run(login, {
      types: async (_, said) => {
        pasted = await follow(said);
        return pasted;
      },
    });
    const code = new URL(pasted).searchParams.get('code') ?? '';
    expect(code.length).toBeGreaterThan(5);
    expect(told()).not.toContain(code);
    expect(told()).not.toContain('secret-of-the-tests');
  });

  it('tells of households that Sonos does not list yet', async () => {
    house.sonos.failNext({ match: /households/, times: 10, answer: { status: 503, body: '' } });
    const { code, told } = await house.run(login, { types: (_, said) => follow(said) });
    expect(code).toBe(0);
    expect(told()).toContain('has not told its households yet');
  });
});

describe('what hinders a login', () => {
  it('a running bridge: its page is shown instead', async () => {
    await house.start();
    const { code, complaints } = await house.run(login);
    expect(code).toBe(1);
    expect(complaints()).toContain(`process ${process.pid}`);
    expect(complaints()).toContain(`http://127.0.0.1:${house.ports.web}/login`);
  });

  it('a folder of another user, in which the bridge could not read what is saved', async () => {
    await mkdir(house.dataFolder, { mode: 0o700 });
    const { uid } = await stat(house.dataFolder);
    const getuid = vi.spyOn(process, 'getuid').mockReturnValue(uid + 1);
    const { code, complaints } = await house.run(login);
    getuid.mockRestore();
    expect(code).toBe(1);
    expect(complaints()).toContain(`user id ${uid}`);
  });

  it('a folder that is open and holds other things', async () => {
    await mkdir(house.dataFolder);
    await writeFile(join(house.dataFolder, 'holiday.jpg'), '');
    await chmod(house.dataFolder, 0o755);
    const { code, complaints } = await house.run(login);
    expect(code).toBe(1);
    expect(complaints()).toContain('open to others');
  });

  it('a missing key', async () => {
    await house.settings({ sonos: { client_id: undefined, client_secret: undefined } });
    const { code, complaints } = await house.run(login);
    expect(code).toBe(2);
    expect(complaints()).toContain('sonos.client_id');
  });

  it('settings that cannot be read', async () => {
    const { code, complaints } = await house.run(login, { flags: ['--web.prot', '1'] });
    expect(code).toBe(2);
    expect(complaints()).toContain('--web.port');
  });
});

describe('the browser', () => {
  it('is opened where somebody would see it', () => {
    const at = (isTerminal: boolean, env: Record<string, string>, platform: NodeJS.Platform) =>
      browserOpener({ isTerminal, env }, platform);
    expect(at(true, {}, 'darwin')).toBe('open');
    expect(at(true, { DISPLAY: ':0' }, 'linux')).toBe('xdg-open');
    expect(at(true, { WAYLAND_DISPLAY: 'wayland-0' }, 'linux')).toBe('xdg-open');
    expect(at(true, {}, 'linux')).toBeNull();
    expect(at(false, { DISPLAY: ':0' }, 'linux')).toBeNull();
  });

  it('does no harm when there is none', async () => {
    const path = process.env.PATH;
    process.env.PATH = house.folder;
    try {
      openInBrowser({ isTerminal: true, env: { DISPLAY: ':0' } }, 'http://127.0.0.1/');
      openInBrowser({ isTerminal: false, env: {} }, 'http://127.0.0.1/');
      await new Promise((resolve) => setTimeout(resolve, 50));
    } finally {
      process.env.PATH = path;
    }
  });
});
