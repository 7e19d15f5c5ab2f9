import { expect, it } from 'vitest';
import { cleared, eventually, Observer } from '../e2e/house.ts';
import { onStage, type Stage } from './stage.ts';

const TABLE = 'house/sonos-table';

type Row = Record<'room' | 'state' | 'plays' | 'group', string> & { readonly volume: number };

const rowOf = (room: string, volume: number, more: Partial<Row> = {}): Row => ({
  ...{ room, state: 'idle', plays: '', volume, group: '' },
  ...more,
});

/** The house of the demo, as it is found. */
const ROWS = [
  rowOf('Bathroom', 18, { group: 'Kitchen + 1' }),
  rowOf('Bedroom', 14),
  rowOf('Kitchen', 22, { group: 'Kitchen + 1' }),
  rowOf('Living Room', 30),
  rowOf('Office', 25),
  rowOf('Terrace', 35),
];

const latest = ({ observer }: Stage): Row[] => JSON.parse(observer.topics.get(TABLE) ?? '[]');

const withRow = (row: Row): Row[] => ROWS.map((each) => (each.room === row.room ? row : each));

async function shows(stage: Stage, rows: readonly Row[]): Promise<void> {
  await eventually(
    () => (JSON.stringify(latest(stage)) === JSON.stringify(rows) ? true : undefined),
    JSON.stringify(rows),
    () => latest(stage),
  );
}

onStage(['state-table'], {}, (stage) => {
  it('shows every room and nothing else, by name', async () => {
    await shows(stage(), ROWS);
  });

  it('shows what plays, and how loudly', async () => {
    const { world } = stage().house.sonos;
    world.playPlaylist('Office', 'Dinner for Five');
    world.setVolume('Office', 41);
    const plays = 'Candle Arithmetic – Orla Finch Trio';
    await shows(stage(), withRow(rowOf('Office', 41, { state: 'playing', plays })));
    world.playFavorite('Office', 'Village Stream');
    world.pause('Office');
    world.setVolume('Office', 25);
    await shows(stage(), ROWS);
  });

  it('shows a room that is switched off, moves one that is renamed, and drops one that is gone', async () => {
    const { house, observer } = stage();
    const { world } = house.sonos;
    world.rename('Office', 'Atelier');
    await shows(stage(), [rowOf('Atelier', 25), ...ROWS.filter(({ room }) => room !== 'Office')]);
    world.rename('Atelier', 'Office');
    await shows(stage(), ROWS);
    world.unplug('Terrace');
    await shows(stage(), withRow(rowOf('Terrace', 35, { state: 'offline' })));
    await observer.command('sonos/bridge/set/forget', 'home/terrace', 'sonos/bridge/reply');
    await shows(stage(), ROWS.slice(0, -1));
    world.plugIn('Terrace');
    await shows(stage(), ROWS);
  });

  it('is said once to whoever asks for it, and not kept', async () => {
    const late = await Observer.connect(stage().house.brokerPort, {}, 'house/#');
    const before = late.messages.length;
    expect(before).toBe(0);
    await late.send('house/sonos-table/get', '');
    const { payload, retain } = await late.until(({ topic }) => topic === TABLE, 'the table');
    expect(retain).toBe(false);
    expect(JSON.parse(payload)).toEqual(ROWS);
    expect(late.messages.filter(({ topic }) => topic === TABLE)).toHaveLength(1);
    await late.end();
  });

  it('is right again after a time without the broker, in which a room went', async () => {
    const { house, nodeRed, observer } = stage();
    nodeRed.wire.cut();
    house.sonos.world.unplug('Terrace');
    await observer.holds('sonos/home/terrace/availability', 'offline');
    await observer.command('sonos/bridge/set/forget', 'home/terrace', 'sonos/bridge/reply');
    await cleared(observer, 'sonos/home/terrace');
    expect(latest(stage())).toEqual(ROWS);
    const { connections } = nodeRed.wire;
    nodeRed.wire.mend();
    await eventually(
      () => (nodeRed.wire.connections > connections ? true : undefined),
      'another connection',
      () => nodeRed.wire.connections,
    );
    await nodeRed.listens();
    await shows(stage(), ROWS.slice(0, -1));
  });
});
