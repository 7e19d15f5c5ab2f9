import { describe, expect, it } from 'vitest';
import { findRoom, readRoom } from '../../src/bridge/room-name.ts';
import { house, idOf } from '../support/house.ts';

const home = house(['Kitchen', 'Bad Würth'], [{ name: 'bad', id: idOf('third') }]);

describe('a room', () => {
  it.each([
    ['kitchen', 'Kitchen'],
    [' kitchen\n', 'Kitchen'],
    ['KITCHEN', 'Kitchen'],
    [idOf('Kitchen'), 'Kitchen'],
    ['bad-wurth', 'Bad Würth'],
    ['BAD WÜRTH', 'Bad Würth'],
    ['bad', 'bad'],
  ])('is found as %s', (word, name) => {
    expect(findRoom(home, word)?.name).toBe(name);
    expect(readRoom(home, word)).toMatchObject({ ok: true, value: { name } });
  });

  it.each(['', 'kit', 'kitchen-2', 'RINCON_000000000000001400', 'all', 'constructor'])(
    'is not found as %j',
    (word) => {
      expect(findRoom(home, word)).toBeNull();
    },
  );

  it('that does not exist is answered with the one that was probably meant', () => {
    expect(readRoom(home, 'kitchn')).toEqual({
      ok: false,
      error: {
        code: 'unknown_room',
        message: 'No room of "home" is called "kitchn".',
        advice: 'Did you mean "kitchen"?',
      },
    });
    expect(readRoom(home, 'observatory')).toMatchObject({
      error: { advice: 'There is "bad", "bad-wurth", "kitchen".' },
    });
    expect(readRoom(house(), 'kitchen')).toMatchObject({ error: { advice: 'There is none.' } });
  });

  it('is not repeated at full length when its name makes no sense', () => {
    expect(JSON.stringify(readRoom(home, 'x'.repeat(60_000))).length).toBeLessThan(300);
  });
});
