import { describe, expect, it } from 'vitest';
import { recordedSettings } from '../../../src/app/record/record-settings.ts';
import { createRedaction } from '../../../src/app/record/redaction.ts';
import { publicWords } from '../../../src/app/record/vocabulary.ts';
import { settings } from '../../../src/config/schema.ts';

const config = settings.parse({
  data_dir: '/home/jane/data',
  poll_seconds: 7,
  sonos: {
    client_id: 'the-key',
    client_secret: 'the-secret',
    redirect_uri: 'https://jane.example.org/cb',
    households: { Sonos_janes: { alias: 'villa', ignore: false } },
  },
  web: { password: 'a-long-password' },
  announcements: {
    volumes: { attic: 30 },
    allowed_hosts: ['media.jane.example.org', '192.168.7.7'],
    quiet_hours: [{ from: '22:00', to: '07:00', timezone: 'Europe/Berlin', rooms: ['attic'] }],
    chimes_dir: '/home/jane/chimes',
  },
  volume: { ceilings: [{ rooms: ['attic'], max: 30, from: '19:00', to: '07:00' }] },
  schedules: [{ cron: '30 6 * * mon-fri', room: 'attic', command: 'favorite', value: "Jane's Jazz" }],
  presets: {
    'Janes Dinner': { rooms: { attic: { volume: 20 } }, group: ['attic', 'kitchen'], favorite: 'Jazz' },
  },
});

describe('the settings in a record', () => {
  const redaction = createRedaction({ withNames: false, clean: (text) => text, publicWords: publicWords() });
  const recorded = recordedSettings(config, redaction);
  const attic = redaction.address('attic');

  it('have nothing of the house, of this machine, and no secret', () => {
    expect(JSON.stringify(recorded)).not.toMatch(
      /jane|attic|villa|dinner|jazz|the-|password|192\.168\.7|cb"/i,
    );
  });

  it('are settings as this version reads them, and say the same of the rooms that the commands will name', () => {
    const read = settings.parse(recorded);
    expect(read.poll_seconds).toBe(7);
    expect(read.sonos.households).toEqual({
      [redaction.id('Sonos_janes')]: { alias: redaction.address('villa'), ignore: false },
    });
    expect(read.announcements.volumes).toEqual({ [attic]: 30 });
    expect(read.announcements.quiet_hours).toMatchObject([
      { from: '22:00', to: '07:00', timezone: 'Europe/Berlin', rooms: [attic] },
    ]);
    const sound = String(redaction.value('https://media.jane.example.org/doorbell.mp3'));
    expect(read.announcements.allowed_hosts).toContain(new URL(sound).hostname);
    expect(read.volume.ceilings).toEqual([{ rooms: [attic], max: 30, from: '19:00', to: '07:00' }]);
    expect(read.schedules).toMatchObject([{ cron: '30 6 * * mon-fri', room: attic, command: 'favorite' }]);
    expect(Object.values(read.presets)).toMatchObject([{ rooms: { [attic]: { volume: 20 } } }]);
  });
});
