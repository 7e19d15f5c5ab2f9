/**
 * Embedded brokers alone in a process, so that its memory is theirs. Started with the folder of the built program and
 * the brokers' options; answers `measure`.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { queryObjects } from 'node:v8';

const [folder, options] = process.argv.slice(2);
const { createBroker } = await import(`${folder}/mqtt/broker.js`);
const { GuardedConnection } = await import(`${folder}/mqtt/broker-guard.js`);
const { systemClock } = await import(`${folder}/system.js`);

const lines = { debug: 0, info: 0, warn: 0, error: 0 };
const log = Object.fromEntries(
  Object.keys(lines).map((level) => [
    level,
    () => {
      lines[level] += 1;
    },
  ]),
);
const warnings = [];
process.on('warning', ({ name, message }) => {
  // Of `queryObjects` itself.
  if (name !== 'ExperimentalWarning') warnings.push(`${name}: ${message}`);
});

let peak = 0;
const look = () => {
  peak = Math.max(peak, process.memoryUsage.rss());
};
setInterval(look, 5).unref();
function takePeak() {
  look();
  const highest = peak;
  peak = 0;
  return highest;
}

async function collect() {
  for (let round = 0; round < 3; round += 1) {
    await turn();
    globalThis.gc();
  }
}

async function measure() {
  await collect();
  const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
  const open = process.getActiveResourcesInfo();
  return {
    heap: heapUsed,
    buffers: arrayBuffers,
    rss,
    connections: queryObjects(GuardedConnection, { format: 'count' }),
    sockets: open.filter((kind) => kind === 'TCPSocketWrap').length,
    timers: open.filter((kind) => kind === 'Timeout').length,
    lines: { ...lines },
    warnings,
  };
}

process.on('message', async (word) => {
  process.send(word === 'peak' ? takePeak() : await measure());
});
process.on('disconnect', () => process.exit(0));

const ports = [];
for (const wanted of JSON.parse(options)) {
  const started = await createBroker({ ...wanted, clock: systemClock, log }).start();
  if (!started.ok) throw new Error(started.error.message);
  ports.push(started.value);
}
process.send(ports);
