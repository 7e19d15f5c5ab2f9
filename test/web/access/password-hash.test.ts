import { scryptSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { systemClock, systemRandom } from '../../../src/system.ts';
import { createDoorkeeper } from '../../../src/web/access/doorkeeper.ts';
import { hashPassword, isPasswordOf, readPasswordHash } from '../../../src/web/access/password-hash.ts';
import { createPasswordVerifier } from '../../../src/web/access/password-verifier.ts';
import { createTurns } from '../../../src/web/turns.ts';
import { basic, handClock, notebook, openHouse, PASSWORD, PASSWORD_HASH } from '../house.ts';

describe('a password hash', () => {
  test('is scrypt of the password in PHC form, with a salt of its own', async () => {
    const [one, two] = [
      await hashPassword('pässwörd', systemRandom),
      await hashPassword('pässwörd', systemRandom),
    ];
    expect(one).not.toBe(two);
    const [, , cost, salt = '', digest] = one.split('$');
    expect(cost).toBe('ln=15,r=8,p=1');
    const options = { N: 2 ** 15, r: 8, p: 1, maxmem: 2 ** 27 };
    const expected = scryptSync('pässwörd', Buffer.from(salt, 'base64'), 32, options);
    expect(digest).toBe(expected.toString('base64').replace('=', ''));
  });

  test('knows its password, however the keyboard composes it', async () => {
    const hash = readPasswordHash(await hashPassword('pässwörd'.normalize('NFD'), systemRandom));
    if (hash === null) throw new Error('expected a hash');
    expect(await isPasswordOf('pässwörd'.normalize('NFC'), hash)).toBe(true);
    expect(await isPasswordOf('password', hash)).toBe(false);
  });

  test.each([
    '',
    PASSWORD,
    '$scrypt$',
    PASSWORD_HASH.slice(0, 40),
    `${PASSWORD_HASH}\n`,
    PASSWORD_HASH.replace('scrypt', 'argon2id'),
    PASSWORD_HASH.replace('ln=4', 'ln=0'),
    PASSWORD_HASH.replace('ln=4', 'ln=30'),
    PASSWORD_HASH.replace('ln=4,r=8', 'ln=20,r=99'),
    PASSWORD_HASH.replace('r=8', 'r=0'),
    PASSWORD_HASH.replace('p=1', 'p=0'),
    PASSWORD_HASH.replace('p=1', 'p=-1'),
  ])('is not %j', (text) => {
    expect(readPasswordHash(text)).toBeNull();
  });
});

describe('who verifies passwords', () => {
  test.each([
    ['the password itself', PASSWORD],
    ['its hash', PASSWORD_HASH],
  ])('lets in by %s in the settings, and by nothing else', async (_name, password) => {
    const house = await openHouse({ password });
    const tries = async (given: string) =>
      (await house.ask('/metrics', { headers: { Authorization: basic(given) } })).status;
    expect([await tries(PASSWORD), await tries('wrong'), await tries(PASSWORD_HASH)]).toEqual([
      ...[200, 401, 401],
    ]);
  });

  test('hashes nothing before somebody asks', async () => {
    const asked: string[] = [];
    const random = {
      ...systemRandom,
      id: () => {
        asked.push('salt');
        return systemRandom.id();
      },
    };
    const verifier = createPasswordVerifier({ password: PASSWORD, remembered: () => null, random });
    expect(asked).toEqual([]);
    const hash = await verifier.inForce();
    expect(asked).toEqual(['salt']);
    expect(await verifier.inForce()).toBe(hash);
  });

  test('goes on with the hash that is remembered while the password is the same', async () => {
    const of = (password: string, remembered: string | null) =>
      createPasswordVerifier({ password, remembered: () => remembered, random: systemRandom });
    expect(await of(PASSWORD, PASSWORD_HASH).inForce()).toBe(PASSWORD_HASH);
    expect(await of('another', PASSWORD_HASH).inForce()).not.toBe(PASSWORD_HASH);
    expect(await of(PASSWORD, 'broken').inForce()).toMatch(/^\$scrypt\$ln=15/);
    expect(await of(PASSWORD_HASH, 'broken').inForce()).toBe(PASSWORD_HASH);
  });

  test('tries again after it could not hash', async () => {
    let isBroken = true;
    const random = {
      ...systemRandom,
      id: () => {
        if (isBroken) throw new Error('no entropy');
        return systemRandom.id();
      },
    };
    const verifier = createPasswordVerifier({ password: PASSWORD, remembered: () => null, random });
    await expect(verifier.matches(PASSWORD)).rejects.toThrow('no entropy');
    isBroken = false;
    expect(await verifier.matches(PASSWORD)).toBe(true);
  });
});

/** A doorkeeper whose scrypt is counted and waits to be let go. */
function slowDoorkeeper(clock = handClock()) {
  const waiting: (() => void)[] = [];
  const seen: string[] = [];
  const verifier = {
    inForce: async () => PASSWORD_HASH,
    matches: async (password: string) => {
      seen.push(password);
      await new Promise<void>((resolve) => waiting.push(resolve));
      return password === PASSWORD;
    },
  };
  const judge = createDoorkeeper({ verifier, clock, random: systemRandom, log: notebook() });
  const letGo = async () => {
    for (const each of waiting.splice(0)) each();
    await new Promise((resolve) => systemClock.after(0, () => resolve(null)));
  };
  return { judge, seen, letGo, clock };
}

describe('the doorkeeper', () => {
  test('looks at two passwords at once, has eight wait and sends further ones away', async () => {
    const { judge, seen, letGo } = slowDoorkeeper();
    const all = Array.from({ length: 12 }, (_, each) => judge(`guess ${each}`, `192.0.2.${each}`));
    expect(await Promise.all(all.slice(10))).toEqual([{ kind: 'busy' }, { kind: 'busy' }]);
    expect(seen).toHaveLength(2);
    await letGo();
    expect(seen).toHaveLength(4);
    for (let round = 0; round < 5; round += 1) await letGo();
    expect((await Promise.all(all.slice(0, 10))).map(({ kind }) => kind)).toEqual(Array(10).fill('wrong'));
  });

  test('does not look at those who were in line when their address was told to wait', async () => {
    const { judge, seen, letGo } = slowDoorkeeper();
    const all = Array.from({ length: 10 }, (_, each) => judge(`guess ${each}`, '192.0.2.1'));
    for (let round = 0; round < 8; round += 1) await letGo();
    const kinds = (await Promise.all(all)).map(({ kind }) => kind);
    expect(seen.length).toBeLessThan(8);
    expect(kinds.filter((kind) => kind === 'too_many_guesses').length).toBeGreaterThan(2);
  });

  test('looks once at what is asked many times at once, and at the right one never again', async () => {
    const { judge, seen, letGo } = slowDoorkeeper();
    const all = Array.from({ length: 30 }, () => judge(PASSWORD, '192.0.2.1'));
    await letGo();
    expect(new Set((await Promise.all(all)).map(({ kind }) => kind))).toEqual(new Set(['right']));
    expect(await judge(PASSWORD.normalize('NFD'), '192.0.2.7')).toEqual({ kind: 'right' });
    expect(seen).toEqual([PASSWORD]);
  });

  test('looks at a wrong password as long as at the right one', async () => {
    const { judge, seen, letGo } = slowDoorkeeper();
    for (const password of ['wrong', PASSWORD]) {
      let isOver = false;
      const judged = judge(password, '192.0.2.1').finally(() => {
        isOver = true;
      });
      await new Promise((resolve) => systemClock.after(5, () => resolve(null)));
      expect([isOver, seen.at(-1)]).toEqual([false, password]);
      await letGo();
      await judged;
    }
  });

  test('looks once at an old password that somebody repeats', async () => {
    const { judge, seen, letGo } = slowDoorkeeper();
    const first = judge('old one', '192.0.2.1');
    await letGo();
    expect(await first).toEqual({ kind: 'wrong' });
    for (let each = 0; each < 30; each += 1)
      expect(await judge('old one', '192.0.2.1')).toEqual({ kind: 'wrong' });
    expect(seen).toHaveLength(1);
  });
});

test('turns go on after work that failed', async () => {
  const turns = createTurns(1, 1);
  const failing = turns.take(() => Promise.reject(new Error('no')));
  const next = turns.take(async () => 'done');
  expect(turns.take(async () => 'too many')).toBeNull();
  await expect(failing).rejects.toThrow('no');
  expect(await next).toBe('done');
  expect(await turns.take(async () => 'again')).toBe('again');
});
