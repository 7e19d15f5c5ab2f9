import { randomUUID } from 'node:crypto';
import { Agent, request } from 'node:https';
import { connectAsync } from 'mqtt';
import { z } from 'zod';

// The bare floor: a command comes by MQTT, its value is parsed, and the call is made. No schema, no answer, no order, no
// budget, no state, no second try.

const loopSettings = z.object({
  brokerPort: z.number(),
  apiUrl: z.string(),
  /** The player of each room, by its address. */
  players: z.record(z.string(), z.string()),
  client: z.enum(['fetch', 'https']),
});

const { brokerPort, apiUrl, players, client } = loopSettings.parse(JSON.parse(process.env.LOOP ?? ''));

/** As long as a token of Sonos is. */
const TOKEN = 'a'.repeat(36);

const headers = () => ({
  Authorization: `Bearer ${TOKEN}`,
  Accept: 'application/json',
  'User-Agent': 'sonos-mqtt-bridge/bench',
  'X-Sonos-Corr-Id': randomUUID(),
  'Content-Type': 'application/json',
});

const failed = (error: unknown): void => {
  console.error(error);
  process.exit(1);
};

async function byFetch(url: string, body: string): Promise<void> {
  const response = await fetch(url, { method: 'POST', headers: headers(), body });
  if (response.status !== 200) throw new Error(`status ${response.status}`);
  await response.text();
}

const agent = new Agent({ keepAlive: true, maxSockets: 16, scheduling: 'lifo' });

function byHttps(url: string, body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const length = { 'Content-Length': Buffer.byteLength(body) };
    const options = { method: 'POST', agent, headers: { ...headers(), ...length } };
    const sent = request(url, options, (response) => {
      if (response.statusCode !== 200) reject(new Error(`status ${response.statusCode}`));
      response.resume();
      response.on('end', resolve);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

const call = client === 'fetch' ? byFetch : byHttps;
const mqtt = await connectAsync({ host: '127.0.0.1', port: brokerPort, protocol: 'mqtt' });
mqtt.on('message', (topic, payload) => {
  const muted: unknown = JSON.parse(payload.toString());
  const player = players[topic.split('/')[2] ?? ''];
  call(`${apiUrl}/players/${player}/playerVolume/mute`, JSON.stringify({ muted })).catch(failed);
});
await mqtt.subscribeAsync('sonos/home/+/set/mute', { qos: 0 });
process.stdout.write('listening\n');
process.on('SIGTERM', () => process.exit(0));
