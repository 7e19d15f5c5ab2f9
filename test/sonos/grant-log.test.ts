import { describe, expect, it } from 'vitest';
import type { OAuthError } from '../../src/sonos/oauth-answer.ts';
import { grantWith, HOUR } from './grant-fixtures.ts';

const fieldsOf = (kind: OAuthError['kind']) => ({
  account: 'a',
  reason: `told by the fake login: ${kind}`,
});

describe('the log of the person who looks after the house', () => {
  it('says nothing of a refresh that goes well', async () => {
    const { grant, log } = await grantWith({ leftMs: 0 });
    expect((await grant.token()).ok).toBe(true);
    expect(log.lines).toEqual([]);
  });

  it.each(['unavailable', 'invalid_answer'] as const)(
    'warns that %s passes by itself, keeps the repetitions for those who debug, and tells the end',
    async (kind) => {
      const { grant, clock, login, log } = await grantWith({ leftMs: HOUR / 2 });
      login.state.down = kind;
      grant.start();
      await clock.advance(HOUR / 4);
      login.state.down = null;
      await clock.advance(HOUR / 4);
      const [first, ...rest] = log.lines;
      const end = rest.pop();
      expect(first).toEqual({
        level: 'warn',
        message: 'The access token of Sonos could not be refreshed; the bridge keeps trying',
        fields: fieldsOf(kind),
      });
      expect(rest.length).toBeGreaterThan(3);
      for (const line of rest) {
        expect(line).toEqual({
          level: 'debug',
          message: 'The access token of Sonos could still not be refreshed',
          fields: fieldsOf(kind),
        });
      }
      expect(end).toEqual({
        level: 'info',
        message: 'The Sonos login works again',
        fields: { account: 'a' },
      });
    },
  );

  it('calls a wrong key or secret an error, for it needs a person', async () => {
    const { grant, login, log } = await grantWith({ leftMs: 0 });
    login.state.down = 'wrong_credentials';
    await grant.token();
    expect(log.lines).toEqual([
      {
        level: 'error',
        message: 'Sonos does not accept the key or the secret of the integration',
        fields: fieldsOf('wrong_credentials'),
      },
    ]);
  });

  it('asks for a new login once', async () => {
    const { grant, clock, login, log } = await grantWith({ leftMs: 0 });
    login.state.down = 'rejected';
    grant.start();
    await clock.advance(HOUR);
    expect(log.lines[0]).toEqual({
      level: 'error',
      message: 'Sonos no longer accepts the login of this account: log in again.',
      fields: fieldsOf('rejected'),
    });
    expect(log.lines.length).toBeGreaterThan(1);
    expect(new Set(log.lines.slice(1).map(({ level }) => level))).toEqual(new Set(['debug']));
  });

  it('speaks of the disk when new tokens could not be written, and of which account', async () => {
    const { grant, document, log } = await grantWith({ leftMs: 0 });
    document.disk.refuses = true;
    await grant.token();
    expect(log.lines).toEqual([
      {
        level: 'error',
        message: expect.stringContaining('could not be written to disk. Free the disk'),
        fields: { account: 'a' },
      },
    ]);
  });
});
