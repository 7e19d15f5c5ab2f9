import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { act, doings, hush, said } from '../../../src/web/page/house/act.ts';
import { take } from '../../../src/web/page/live.ts';

const sent: { readonly address: string; readonly body: unknown }[] = [];

/** Answers every command in this way. */
function answering(status: number, body: unknown): void {
  vi.stubGlobal('fetch', (address: string, { body: given }: { readonly body: string }) => {
    sent.push({ address, body: JSON.parse(given) });
    return Promise.resolve(new Response(JSON.stringify(body), { status }));
  });
}

const reply = { id: '1', command: 'volume', room: 'bath', elapsed_ms: 5 };

beforeEach(() => {
  vi.useFakeTimers();
  sent.length = 0;
  said.value = [];
  take({ kind: 'house', house: { alias: 'home', name: null, favorites: null, playlists: null } });
});
afterEach(() => {
  vi.runAllTimers();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('a command that is given on the page', () => {
  it('goes to the room of the shown household, and has a tick for a moment when it is confirmed', async () => {
    answering(200, { ...reply, status: 'confirmed' });
    const doing = act('bath', 'Bath', 'volume', 30);
    expect(doings.value).toEqual({ 'bath volume': 'sending' });
    expect(await doing).toBe('confirmed');
    expect(sent).toEqual([{ address: './api/households/home/rooms/bath/volume', body: 30 }]);
    expect(doings.value).toEqual({ 'bath volume': 'confirmed' });
    expect(said.value).toEqual([]);
    vi.advanceTimersByTime(1_600);
    expect(doings.value).toEqual({});
  });

  it('says why it failed and what to do, for a while or until it is put away', async () => {
    const error = {
      code: 'not_capable',
      message: 'The volume is fixed.',
      advice: 'Set it at the amplifier.',
    };
    answering(200, { ...reply, status: 'failed', error });
    expect(await act('bath', 'Bath', 'volume', 30)).toBe('failed');
    expect(said.value).toMatchObject([
      { kind: 'failed', message: 'Bath: The volume is fixed.', advice: 'Set it at the amplifier.' },
    ]);
    hush(said.value[0]?.id ?? 0);
    expect(said.value).toEqual([]);
  });

  it('says the same only once, and no more than three things at a time', async () => {
    answering(422, { error: { code: 'x', message: 'No.' } });
    for (const name of ['A', 'A', 'B', 'C', 'D']) await act('bath', name, 'play');
    expect(said.value.map(({ message }) => message)).toEqual(['B: No.', 'C: No.', 'D: No.']);
    vi.advanceTimersByTime(12_000);
    expect(said.value).toEqual([]);
  });

  it('says so when nothing shows that it worked', async () => {
    answering(200, { ...reply, status: 'unconfirmed' });
    expect(await act('bath', 'Bath', 'next')).toBe('unconfirmed');
    expect(said.value[0]).toMatchObject({ kind: 'unconfirmed', advice: null });
    expect(said.value[0]?.message).toContain('Bath');
  });

  it('to all rooms has failed when it failed in one, and is confirmed when it is in all', async () => {
    const well = { ...reply, status: 'confirmed' };
    const ill = { ...reply, status: 'failed', error: { code: 'timeout', message: 'Too late.' } };
    answering(200, { replies: [well, ill] });
    expect(await act('all', 'House', 'pause')).toBe('failed');
    answering(200, { replies: [well, well] });
    expect(await act('all', 'House', 'pause')).toBe('confirmed');
  });

  it('has failed when the bridge does not answer, or answers what nobody understands', async () => {
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('no network')));
    expect(await act('bath', 'Bath', 'play')).toBe('failed');
    expect(said.value[0]?.message).toContain('does not answer');
    vi.stubGlobal('fetch', () => Promise.resolve(new Response('<html>', { status: 502 })));
    expect(await act('bath', 'Bath', 'pause')).toBe('failed');
    expect(said.value[1]?.message).toContain('502');
  });

  it('shows how the newest went when an earlier one ends after it', async () => {
    const ends: ((response: Response) => void)[] = [];
    vi.stubGlobal('fetch', () => new Promise<Response>((resolve) => ends.push(resolve)));
    const [first, second] = [act('bath', 'Bath', 'mute', true), act('bath', 'Bath', 'mute', false)];
    const answer = (status: string) => new Response(JSON.stringify({ ...reply, status }));
    ends[1]?.(answer('confirmed'));
    await second;
    ends[0]?.(answer('unconfirmed'));
    await first;
    expect(doings.value).toEqual({ 'bath mute': 'confirmed' });
  });
});
