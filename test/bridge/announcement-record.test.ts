import { expect, it } from 'vitest';
import { askRecordOf } from '../../src/bridge/announcement-record.ts';

it('who asks the bridge itself is kept without a room', () => {
  const ask = {
    ...{ id: 'a', idIsSenders: true, command: 'announce', household: 'home', room: null, responseTo: null },
    ...{ expiresAt: null, lifeMs: 1, since: 0 },
  };
  expect(askRecordOf(ask)).toEqual({
    ...{
      id: 'a',
      idIsSenders: true,
      household: 'home',
      room: '',
      responseTopic: null,
      correlationData: null,
    },
  });
});
