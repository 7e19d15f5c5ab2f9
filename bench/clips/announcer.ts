import { connectAsync } from 'mqtt';
import type { Clock } from '../../src/bridge/ports.ts';
import { setNoDelay } from '../harness/mqtt-stream.ts';

/** An announcement that was sent. */
export interface Sent {
  /** Just before, by the clock's `elapsed`. */
  readonly at: number;
  /** How it ended in each of the rooms, once it has in all. */
  readonly ends: Promise<readonly string[]>;
}

/** A client of the broker that has rooms announce something. */
export interface Announcer {
  /** Sends a message to a room, or to `all`, which are so many. */
  announce(room: string, message: object, rooms: number): Sent;
  close(): Promise<void>;
}

const UNDER_WAY = ['queued', 'sent', 'playing'];
const EVENTS = 'sonos/home/+/event';

/** Connects; times are by the clock. */
export async function openAnnouncer(brokerPort: number, clock: Clock): Promise<Announcer> {
  const client = await connectAsync({ host: '127.0.0.1', port: brokerPort, protocol: 'mqtt' });
  setNoDelay(client);
  const ended = new Map<string, (status: string) => void>();
  let count = 0;
  client.on('message', (_topic, payload) => {
    // The daemon's own words: reading the fields is check enough.
    const { id, status }: { id?: string; status?: string } = JSON.parse(payload.toString());
    if (id === undefined || status === undefined || UNDER_WAY.includes(status)) return;
    ended.get(id)?.(status);
  });
  await client.subscribeAsync(EVENTS, { qos: 0 });
  return {
    announce: (room, message, rooms) => {
      count += 1;
      const id = `bench-${count}`;
      const statuses: string[] = [];
      const ends = new Promise<readonly string[]>((resolve) => {
        ended.set(id, (status) => {
          statuses.push(status);
          if (statuses.length < rooms) return;
          ended.delete(id);
          resolve(statuses);
        });
      });
      const payload = JSON.stringify({ ...message, id });
      const at = clock.elapsed();
      client.publish(`sonos/home/${room}/set/announce`, payload, { qos: 0 });
      return { at, ends };
    },
    close: () => client.endAsync(),
  };
}
