import { describe, expect, it } from 'vitest';
import type { BridgeView, FindingView, SetupView } from '../../../src/web/api/messages.ts';
import { countOf, readLines } from '../../../src/web/page/setup/findings.ts';
import {
  expectsEvents,
  hasIntegration,
  isProven,
  isWhole,
  type SetupFacts,
  stepStates,
} from '../../../src/web/page/setup/steps.ts';
import {
  callbackUrl,
  completed,
  formOf,
  isBack,
  problemsOf,
  wishOf,
} from '../../../src/web/page/setup/wish.ts';
import { bridgeView } from './views.ts';

const empty: SetupView = {
  client_id: { value: null, from: null },
  client_secret: { is_set: false, from: null },
  redirect_uri: { value: 'http://localhost:8788/oauth/callback', from: 'default' },
  public_url: { value: null, from: null },
  callback_url: null,
  callback_path: '/sonos/events/secret',
  callback_port: 8787,
  is_addon: false,
};
const given: SetupView = {
  ...empty,
  client_id: { value: 'key', from: 'page' },
  client_secret: { is_set: true, from: 'page' },
};
const reached: SetupView = {
  ...given,
  public_url: { value: 'https://sonos.example.org', from: 'page' },
  callback_url: 'https://sonos.example.org/sonos/events/secret',
};

const facts = (setup: SetupView | null, bridge: BridgeView | null): SetupFacts => ({
  ...{ mode: 'house', setup, bridge },
});
const unlinked = bridgeView({ account: { status: 'unlinked', token_expires_at: null } });

describe('the steps of the set-up', () => {
  it('begin with the integration while there is no key', () => {
    const states = stepStates({ mode: 'setup', setup: empty, bridge: null });
    expect(states).toEqual({ integration: 'now', account: 'later', proof: 'later', done: 'later' });
  });

  it('go on with the account when the bridge runs with a key', () => {
    const states = stepStates(facts(given, unlinked));
    expect(states).toEqual({ integration: 'done', account: 'now', proof: 'later', done: 'later' });
  });

  it('come back to the account when Sonos asks for a new login', () => {
    const bridge = bridgeView({ account: { status: 'needs_login', token_expires_at: null } });
    expect(stepStates(facts(reached, bridge)).account).toBe('now');
  });

  it('wait for an event where a public address is known', () => {
    const silent = bridgeView({ callback: { last_event_at: null, accepted: 0, rejected: 0 } });
    expect(stepStates(facts(reached, silent)).proof).toBe('now');
    expect(isWhole(facts(reached, silent))).toBe(false);
    expect(isWhole(facts(reached, bridgeView({})))).toBe(true);
  });

  it('wait for no event where the bridge polls', () => {
    const silent = bridgeView({ callback: { last_event_at: null, accepted: 0, rejected: 0 } });
    expect(expectsEvents(given)).toBe(false);
    expect(isWhole(facts(given, silent))).toBe(true);
  });

  it('are not through while the broker is away', () => {
    const alone = bridgeView({ broker: { connected: false, protocol: null, address: 'embedded' } });
    expect(isProven(facts(given, alone))).toBe(false);
    expect(isProven(facts(given, null))).toBe(false);
    expect(stepStates(facts(given, alone)).proof).toBe('now');
  });

  it('take the integration for made as long as nothing speaks against it', () => {
    expect(hasIntegration(facts(null, null))).toBe(true);
    expect(hasIntegration(facts(empty, null))).toBe(false);
    expect(hasIntegration({ mode: 'setup', setup: given, bridge: null })).toBe(false);
    const noRedirect: SetupView = { ...given, redirect_uri: { value: null, from: null } };
    expect(hasIntegration(facts(noRedirect, null))).toBe(false);
    expect(expectsEvents(null)).toBe(false);
  });
});

describe('the form of the integration', () => {
  it('begins with what is known, and never with the secret', () => {
    expect(formOf(given)).toEqual({
      client_id: 'key',
      client_secret: '',
      redirect_uri: 'http://localhost:8788/oauth/callback',
      public_url: '',
    });
  });

  it('sends what was changed, without blanks around it', () => {
    const form = { ...formOf(empty), client_id: ' key ', client_secret: 'secret' };
    const settled: SetupView = { ...empty, redirect_uri: { value: 'https://a.example/cb', from: 'page' } };
    expect(wishOf({ ...form, redirect_uri: 'https://a.example/cb' }, settled)).toEqual({
      ...{ client_id: 'key', client_secret: 'secret' },
    });
    expect(wishOf(formOf(settled), settled)).toEqual({});
  });

  it('keeps the redirect URI that it has shown, though it was only proposed', () => {
    expect(wishOf(formOf(given), given)).toEqual({ redirect_uri: 'http://localhost:8788/oauth/callback' });
  });

  it('proposes a redirect URI behind the public address while that is written', () => {
    const written = { ...formOf(given), public_url: 'https://sonos.example.org/' };
    expect(completed(written, given).redirect_uri).toBe('https://sonos.example.org/oauth/callback');
    expect(completed(formOf(given), given)).toEqual(formOf(given));
    const own = { ...written, redirect_uri: 'https://own.example/cb' };
    expect(completed(own, given)).toEqual(own);
    const kept: SetupView = { ...given, redirect_uri: { value: 'https://a.example/cb', from: 'page' } };
    expect(completed({ ...written, redirect_uri: 'https://a.example/cb' }, kept).redirect_uri).toBe(
      'https://a.example/cb',
    );
  });

  it('can take the public address away, and nothing else', () => {
    const form = { client_id: '', client_secret: '', redirect_uri: '', public_url: '' };
    const kept: SetupView = { ...reached, redirect_uri: { value: 'https://a.example/cb', from: 'page' } };
    expect(wishOf(form, kept)).toEqual({ public_url: '' });
  });

  it('leaves to the settings what stands there', () => {
    const settled: SetupView = {
      ...{ ...given, client_id: { value: 'key', from: 'settings' } },
      redirect_uri: { value: 'https://a.example/cb', from: 'settings' },
    };
    expect(wishOf({ ...formOf(settled), client_id: 'other' }, settled)).toEqual({});
  });

  it('names each field that is missing or is no address', () => {
    expect(problemsOf(formOf(empty), empty)).toEqual({ client_id: 'missing', client_secret: 'missing' });
    expect(problemsOf({ ...formOf(given), redirect_uri: ' ' }, given)).toEqual({ redirect_uri: 'missing' });
    const wrong = { ...formOf(given), redirect_uri: 'localhost', public_url: 'ftp://example.org' };
    expect(problemsOf(wrong, given)).toEqual({ redirect_uri: 'address', public_url: 'address' });
    expect(problemsOf({ ...formOf(given), redirect_uri: 'https://a.example/#x' }, given)).toEqual({
      redirect_uri: 'address',
    });
    expect(problemsOf({ ...formOf(empty), client_id: 'key', client_secret: 's' }, empty)).toEqual({});
  });

  it('shows the callback URL while the public address is written', () => {
    expect(callbackUrl('https://sonos.example.org', '/p')).toBe('https://sonos.example.org/p');
    expect(callbackUrl(' https://sonos.example.org/a/ ', '/p')).toBe('https://sonos.example.org/a/p');
    expect(callbackUrl('https://sonos.example.org/?a=1', '/p')).toBeNull();
    expect(callbackUrl('sonos.example', '/p')).toBeNull();
    expect(callbackUrl('', '/p')).toBeNull();
  });
});

describe('waiting for the bridge to start again', () => {
  it('ends with the first house that answers after the set-up', () => {
    expect(isBack({ was: 'setup', now: 'setup', wasAway: false, waitedMs: 700 })).toBe(false);
    expect(isBack({ was: 'setup', now: null, wasAway: true, waitedMs: 700 })).toBe(false);
    expect(isBack({ was: 'setup', now: 'house', wasAway: false, waitedMs: 700 })).toBe(true);
  });

  it('does not take the old house for the new one', () => {
    expect(isBack({ was: 'house', now: 'house', wasAway: false, waitedMs: 700 })).toBe(false);
    expect(isBack({ was: 'house', now: 'house', wasAway: true, waitedMs: 700 })).toBe(true);
    expect(isBack({ was: 'house', now: 'house', wasAway: false, waitedMs: 6_000 })).toBe(true);
  });
});

describe('the checks as they arrive', () => {
  const read = (...parts: readonly string[]): unknown[] => {
    const got: unknown[] = [];
    const lines = readLines<unknown>((value) => got.push(value));
    for (const part of parts) lines.push(part);
    lines.end();
    return got;
  };

  it('are read line by line, wherever the text was cut', () => {
    expect(read('{"a":1}\n{"a"', ':2}\n', '\n{"a":3}')).toEqual([{ a: 1 }, { a: 2 }, { a: 3 }]);
  });

  it('hand a line on as soon as it is whole', () => {
    const got: unknown[] = [];
    const lines = readLines<unknown>((value) => got.push(value));
    lines.push('{"a":1}');
    expect(got).toEqual([]);
    lines.push('\r\n');
    expect(got).toEqual([{ a: 1 }]);
  });

  it('leave out a line that is broken', () => {
    expect(read('{"a":1}\nnonsense\n{"a":2}\n', '{"a":')).toEqual([{ a: 1 }, { a: 2 }]);
  });

  it('are counted by their verdict', () => {
    const finding = (verdict: FindingView['verdict']): FindingView => ({
      ...{ check: 'x', title: 'X', seen: '', advice: null, verdict },
    });
    expect(countOf([finding('well'), finding('wrong'), finding('well')])).toEqual({
      ...{ well: 2, wrong: 1, note: 0 },
    });
  });
});
