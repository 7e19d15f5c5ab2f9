import { version } from '../app/version.ts';
import type { Paint } from './paint.ts';

/** What runs where. */
export interface DemoPlaces {
  readonly mqtt: { readonly host: string; readonly port: number; readonly isOurs: boolean };
  readonly websocket: string | null;
  readonly page: string;
  readonly simulator: string;
  readonly base: string;
  readonly moved: readonly string[];
}

/** What is said first. */
export function welcome(places: DemoPlaces, paint: Paint): string {
  const { mqtt, websocket, page, simulator, moved } = places;
  const row = (name: string, place: string, remark: string): string =>
    `   ${name.padEnd(10)} ${paint.bold(place)}${remark === '' ? '' : `  ${paint.dim(remark)}`}`;
  return [
    '',
    ` ${paint.bold(`sonos-mqtt-bridge ${version}`)}, with a simulated Sonos household`,
    '',
    row('MQTT', `mqtt://${mqtt.host}:${mqtt.port}`, mqtt.isOurs ? 'the embedded broker' : 'your broker'),
    ...(websocket === null ? [] : [row('WebSocket', websocket, 'the same broker')]),
    row('Page', page, 'the house to see and steer'),
    row('Sonos', simulator, 'simulated; nothing leaves this machine'),
    ...(moved.length === 0 ? [] : ['', ...moved.map((sentence) => ` ${paint.doubtful(sentence)}`)]),
    '',
  ].join('\n');
}

/** Commands to copy, and how to leave. */
export function invitation({ mqtt, base }: DemoPlaces, paint: Paint): string {
  const { host, port } = mqtt;
  const pub = (topic: string, message: string): string =>
    `npx mqtt pub -h ${host} -p ${port} -t ${base}/home/${topic} -m ${message}`;
  const command = (why: string, text: string): string[] => [` ${paint.dim(why)}`, `   ${paint.bold(text)}`];
  return [
    '',
    ` In another terminal, in this folder (mosquitto_pub takes the same flags):`,
    '',
    ...command('the kitchen louder', pub('kitchen/set/volume', '30')),
    ...command('music in the bedroom; the beginning of a name will do', pub('bedroom/set/favorite', 'salt')),
    ...command(
      'a doorbell in all rooms at once, over the music',
      pub('all/set/announce', `'{"chime":"doorbell"}'`),
    ),
    ...command('a spoken text (with espeak-ng)', pub('kitchen/set/announce', "'Dinner is ready'")),
    ...command('a slip, to see how the bridge answers', pub('office/set/volum', '30')),
    ...command('everything that is said', `npx mqtt sub -h ${host} -p ${port} -v -t "${base}/#"`),
    '',
    ` ${paint.dim('From here on, every change as it happens. Ctrl-C ends the demo.')}`,
    '',
  ].join('\n');
}
