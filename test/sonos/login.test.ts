import { describe, expect, it } from 'vitest';
import { createLoginStates, type LoginAnswer, readLogin } from '../../src/sonos/login.ts';
import { fakeClock, fakeRandom } from './fakes.ts';

const REDIRECT = 'https://house.example:8443/redirect';

function house() {
  const clock = fakeClock();
  const states = createLoginStates(clock, fakeRandom());
  const read = (answer: LoginAnswer) => readLogin(answer, states, REDIRECT);
  return { clock, states, read };
}

const reason = (result: ReturnType<ReturnType<typeof house>['read']>) =>
  result.ok ? 'ok' : result.error.reason;

describe('the redirect of a login', () => {
  it('gives its code, from the query as from a pasted address', () => {
    const { states, read } = house();
    expect(read({ code: 'c-1', state: states.issue() })).toEqual({ ok: true, value: 'c-1' });
    const pasted = `  ${REDIRECT}?state=${states.issue()}&code=c%2D2#_=_\n`;
    expect(read(pasted)).toEqual({ ok: true, value: 'c-2' });
  });

  it('is good once only', () => {
    const { states, read } = house();
    const state = states.issue();
    expect(read({ code: 'c', state }).ok).toBe(true);
    expect(reason(read({ code: 'c', state }))).toBe('unknown_state');
  });

  it('is good for ten minutes', async () => {
    const { states, read, clock } = house();
    const [early, late] = [states.issue(), states.issue()];
    await clock.advance(599_999);
    expect(reason(read({ code: 'c', state: early }))).toBe('ok');
    await clock.advance(1);
    expect(reason(read({ code: 'c', state: late }))).toBe('expired_state');
    expect(reason(read({ code: 'c', state: late }))).toBe('unknown_state');
  });

  it('does not let many started logins fill the memory, and the newest stay good', () => {
    const { states, read } = house();
    const issued = Array.from({ length: 20 }, () => states.issue());
    const good = issued.filter((state) => reason(read({ code: 'c', state })) === 'ok');
    expect(good).toEqual(issued.slice(-8));
  });

  it.each<[string, LoginAnswer, string]>([
    ['without a state', { code: 'canary' }, 'missing_state'],
    ['with an empty state', { code: 'canary', state: '' }, 'missing_state'],
    ['with a foreign state', { code: 'canary', state: 'somebody else' }, 'unknown_state'],
    ['with an error but a foreign state', { error: 'access_denied', state: 'x' }, 'unknown_state'],
    ['that is only the code', 'canary', 'unreadable'],
    ['that is empty', '', 'unreadable'],
    ['with another scheme', 'http://house.example:8443/redirect?code=canary&state=s', 'wrong_address'],
    ['with another port', 'https://house.example/redirect?code=canary&state=s', 'wrong_address'],
    ['with another path', 'https://house.example:8443/redirect/?code=canary&state=s', 'wrong_address'],
    ['that is the login page itself', 'https://api.sonos.com/login/v3/oauth?state=s', 'wrong_address'],
    ['that is the address without its query', REDIRECT, 'missing_state'],
  ])('%s is told apart and teaches', (_, answer, expected) => {
    const { read } = house();
    const result = read(answer);
    expect(reason(result)).toBe(expected);
    const message = result.ok ? '' : result.error.message;
    expect(message).not.toContain('canary');
    expect(message.length).toBeGreaterThan(40);
    expect(message).toMatch(/Start the login again|Paste/u);
  });

  it('a wrong address is told together with the right one', () => {
    const { read } = house();
    const result = read('https://elsewhere.example/x?code=canary');
    expect(result.ok ? '' : result.error.message).toContain(REDIRECT);
    expect(result.ok ? '' : result.error.message).toContain('elsewhere.example,');
  });

  it.each<[string, Exclude<LoginAnswer, string>, string]>([
    ['a refusal of the person', { error: 'access_denied' }, 'denied'],
    ['another end at Sonos', { error: 'server\u0000_error' }, 'denied'],
    ['no code', {}, 'missing_code'],
    ['a code that cannot be one', { code: 'a\nb' }, 'missing_code'],
    ['a code without end', { code: 'x'.repeat(5000) }, 'missing_code'],
  ])('%s uses the state up', (_, answer, expected) => {
    const { states, read } = house();
    const state = states.issue();
    const result = read({ ...answer, state });
    expect(reason(result)).toBe(expected);
    expect(result.ok ? '' : result.error.message).not.toMatch(/\p{Cc}/u);
    expect(reason(read({ code: 'c', state }))).toBe('unknown_state');
  });
});
