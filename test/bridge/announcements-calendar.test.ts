import { describe, expect, it } from 'vitest';
import type { AnnouncementsRecord } from '../../src/bridge/announcement-record.ts';
import { openSpokenHouse } from './announcements-house.ts';

const DAY_MS = 86_400_000;

/** What a house leaves that says one announcement, and in which another one waits. */
async function left(): Promise<AnnouncementsRecord> {
  const { house } = await openSpokenHouse();
  for (const id of ['a', 'b']) house.command('kitchen', 'announce', { text: id, id });
  await house.clock.advance(10);
  return house.kept();
}

/** The same with a calendar that was 40 days ahead of the one that the next run has. */
const ahead = ({ items }: AnnouncementsRecord): AnnouncementsRecord => ({
  items: items.map((item) => ({
    ...item,
    expiresAt: item.expiresAt + 40 * DAY_MS,
    endsAt: item.endsAt + 40 * DAY_MS,
  })),
});

describe('a run that begins with a calendar that is days behind', () => {
  it('does not wait for days for the end of what the earlier one said', async () => {
    const { house, ...spoken } = await openSpokenHouse({ announcements: ahead(await left()) });
    await house.clock.advance(301_000);
    expect(spoken.stages('kitchen', 'a')).toEqual(['done']);
    expect(spoken.replies('kitchen', 'a')).toEqual(['unconfirmed']);
  });

  it('says what waited only as long as it would have without the restart', async () => {
    const { house, ...spoken } = await openSpokenHouse({ announcements: ahead(await left()) });
    await house.clock.advance(290_000);
    expect(spoken.replies('kitchen', 'b')).toEqual([]);
    await house.clock.advance(15_000);
    expect(spoken.error('kitchen', 'b').code).toBe('expired');
    expect(house.kept().items).toEqual([]);
  });

  it('answers what waited for a household that does not come back', async () => {
    const { items } = ahead(await left());
    const announcements = { items: items.map((item) => ({ ...item, household: 'elsewhere' })) };
    const { house, ...spoken } = await openSpokenHouse({ announcements });
    await house.clock.advance(301_000);
    expect(spoken.replies('kitchen', 'a')).toEqual(['unconfirmed']);
    expect(spoken.error('kitchen', 'b').code).toBe('expired');
    expect(house.kept().items).toEqual([]);
  });
});
