import { describe, expect, it } from 'vitest';
import {
  announceOf,
  destinationOf,
  EMPTY,
  idFrom,
  isLanguage,
} from '../../../src/web/page/say/announcement.ts';
import {
  type Board,
  type BoardNews,
  isUnderWay,
  onBoard,
  reached,
  type Stage,
} from '../../../src/web/page/say/board.ts';
import { keepText, keptTexts } from '../../../src/web/page/say/kept.ts';

describe('what is sent to be said', () => {
  it('names only what was chosen', () => {
    expect(announceOf({ ...EMPTY, text: ' Dinner ' }, 'text', 'c', [])).toEqual({ id: 'c', text: 'Dinner' });
  });

  it('has everything that was chosen', () => {
    const form = {
      ...{ text: 'Essen', language: ' de-DE ', voice: 'Vicki' },
      ...{ volume: 0, chimeBefore: true, isUrgent: true },
    };
    expect(announceOf(form, 'text', 'c', ['office'])).toEqual({
      ...{ id: 'c', text: 'Essen', language: 'de-DE', voice: 'Vicki', before: true },
      ...{ volume: 0, priority: 'high', rooms: ['office'] },
    });
  });

  it('is the chime alone when nothing is to be spoken', () => {
    const form = { ...EMPTY, text: 'Essen', language: 'de', voice: 'V', chimeBefore: true, volume: 20 };
    expect(announceOf(form, 'chime', 'c', [])).toEqual({ id: 'c', chime: true, volume: 20 });
  });

  it('goes to one room and names the others', () => {
    expect(destinationOf(['kitchen', 'office'], ['kitchen', 'office', 'bath'])).toEqual({
      ...{ room: 'kitchen', rooms: ['office'] },
    });
    expect(destinationOf(['kitchen'], ['kitchen'])).toEqual({ room: 'kitchen', rooms: [] });
    expect(destinationOf([], ['kitchen'])).toBeNull();
  });

  it('goes to all rooms at once when they are all meant, or are too many to name', () => {
    expect(destinationOf(['kitchen', 'office'], ['office', 'kitchen'])).toEqual({ room: 'all', rooms: [] });
    const many = Array.from({ length: 70 }, (_, at) => `room-${at}`);
    expect(destinationOf(many, [...many, 'one-more'])?.room).toBe('all');
  });

  it('has an id of its own, made of random bytes', () => {
    expect(idFrom(new Uint8Array([0, 10, 255]))).toBe('page-000aff');
  });

  it('takes a language by its tag', () => {
    expect(['', 'de', 'en-GB', ' sv_SE '].map(isLanguage)).toEqual([true, true, true, true]);
    expect(['German', 'd', 'de-'].map(isLanguage)).toEqual([false, false, false]);
  });
});

const said = (id: string, ...rooms: readonly string[]): BoardNews => ({
  ...{ kind: 'said', said: { id, text: 'Dinner', household: 'home', at: 0 }, rooms },
});
const step = (id: string, room: string, status: string, more: object = {}): BoardNews => ({
  ...{ kind: 'happening', happening: { room, event_type: 'announcement', id, status, ...more } },
});
const boardAfter = (...news: readonly BoardNews[]): Board => news.reduce<Board>(onBoard, []);
const stages = (board: Board): unknown =>
  Object.fromEntries(Object.entries(board[0]?.rooms ?? {}).map(([room, { stage }]) => [room, stage]));

describe('the board of what was said', () => {
  it('follows an announcement in each room', () => {
    const begun = boardAfter(said('a', 'kitchen', 'office'), step('a', 'kitchen', 'queued'));
    expect(stages(begun)).toEqual({ kitchen: 'queued', office: 'asked' });
    const heard = [step('a', 'kitchen', 'playing'), step('a', 'office', 'sent')].reduce(onBoard, begun);
    expect(stages(heard)).toEqual({ kitchen: 'playing', office: 'sent' });
    expect(heard.map(isUnderWay)).toEqual([true]);
    const over = [step('a', 'kitchen', 'done'), step('a', 'office', 'cancelled')].reduce(onBoard, heard);
    expect(over.map(isUnderWay)).toEqual([false]);
  });

  it('keeps what is over', () => {
    const board = boardAfter(
      said('a', 'kitchen'),
      step('a', 'kitchen', 'done'),
      step('a', 'kitchen', 'playing'),
    );
    expect(stages(board)).toEqual({ kitchen: 'done' });
  });

  it('says why something was not heard, and what to do', () => {
    const error = { code: 'blocked', message: 'It is quiet.', advice: 'Wait.' };
    const board = boardAfter(said('a', 'kitchen'), step('a', 'kitchen', 'failed', { error }));
    expect(board[0]?.rooms.kitchen).toEqual({
      ...{ stage: 'failed', error: { message: 'It is quiet.', advice: 'Wait.' } },
    });
    const bare = boardAfter(
      said('a', 'kitchen'),
      step('a', 'kitchen', 'failed', { error: { message: 'No.' } }),
    );
    expect(bare[0]?.rooms.kitchen?.error).toEqual({ message: 'No.' });
    const odd = boardAfter(said('a', 'kitchen'), step('a', 'kitchen', 'failed', { error: 'No.' }));
    expect(odd[0]?.rooms.kitchen).toEqual({ stage: 'failed', error: null });
  });

  it('takes what was cancelled for no mistake', () => {
    const error = { message: 'It was cancelled before it was heard.' };
    const board = boardAfter(said('a', 'kitchen'), step('a', 'kitchen', 'cancelled', { error }));
    expect(board[0]?.rooms.kitchen).toEqual({ stage: 'cancelled', error: null });
  });

  it('takes no notice of what is not of it', () => {
    const board = boardAfter(said('a', 'kitchen'));
    const others = [
      step('b', 'kitchen', 'playing'),
      step('a', 'office', 'playing'),
      step('a', 'kitchen', 'humming'),
      step('a', 'kitchen', 'playing', { event_type: 'clip' }),
      step('a', 'kitchen', 'playing', { id: 7 }),
    ];
    expect(others.reduce(onBoard, board)).toEqual(board);
  });

  it('learns from a reply that a room refused, and from no other reply', () => {
    const reply = (status: string, room?: string): BoardNews => ({
      kind: 'replies',
      replies: [{ id: 'a', status, ...(room === undefined ? {} : { room }), error: { message: 'Offline.' } }],
    });
    const board = boardAfter(said('a', 'kitchen', 'office'));
    expect(onBoard(board, reply('confirmed', 'kitchen'))).toEqual(board);
    expect(onBoard(board, reply('failed'))).toEqual(board);
    const refused = onBoard(board, reply('failed', 'office'));
    expect(refused[0]?.rooms.office).toEqual({ stage: 'failed', error: { message: 'Offline.' } });
    expect(refused[0]?.rooms.kitchen?.stage).toBe('asked');
    // What the steps have told before stands.
    const cancelled = onBoard(onBoard(board, step('a', 'office', 'cancelled')), reply('failed', 'office'));
    expect(cancelled[0]?.rooms.office?.stage).toBe('cancelled');
    const mute = onBoard(board, {
      kind: 'replies',
      replies: [{ id: 'a', room: 'office', status: 'failed' }],
    });
    expect(mute[0]?.rooms.office).toEqual({ stage: 'failed', error: null });
  });

  it('ends in every room that was not heard of when the bridge did not take it', () => {
    const board = boardAfter(said('b', 'bath'), said('a', 'kitchen', 'office'), step('a', 'office', 'sent'));
    const refused = onBoard(board, { kind: 'refused', id: 'a', error: { message: 'Gone.' } });
    expect(stages(refused)).toEqual({ kitchen: 'failed', office: 'sent' });
    expect(refused[1]).toEqual(board[1]);
  });

  it('has the newest first, and no more than five', () => {
    const board = boardAfter(...['a', 'b', 'c', 'd', 'e', 'f'].map((id) => said(id, 'kitchen')));
    expect(board.map(({ id }) => id)).toEqual(['f', 'e', 'd', 'c', 'b']);
  });

  it('shows how far along its way each stage is', () => {
    const ways: readonly Stage[] = ['asked', 'queued', 'sent', 'playing', 'done', 'failed'];
    expect(ways.map(reached)).toEqual([0, 1, 2, 3, 4, 4]);
  });
});

describe('the texts to say again', () => {
  const keep = (begin: string | null = null) => {
    let kept = begin;
    return {
      getItem: () => kept,
      setItem: (_name: string, value: string) => {
        kept = value;
      },
    };
  };

  it('are the last five, newest first, each once', () => {
    const there = keep();
    for (const text of ['a', 'b', 'c', 'd', 'e', 'f', 'c']) keepText(there, text);
    expect(keptTexts(there)).toEqual(['c', 'f', 'e', 'd', 'b']);
  });

  it('begin empty when what is kept is nothing of ours', () => {
    expect(keptTexts(keep('{'))).toEqual([]);
    expect(keptTexts(keep('{"a":1}'))).toEqual([]);
    expect(keptTexts(keep('["a",1]'))).toEqual(['a']);
  });

  it('are known for this visit where a browser keeps nothing', () => {
    const full = {
      getItem: () => null,
      setItem: () => {
        throw new Error('full');
      },
    };
    expect(keepText(full, 'a')).toEqual(['a']);
  });
});
