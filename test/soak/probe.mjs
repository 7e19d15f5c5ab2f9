// Preloaded into the daemon of a soak, with --expose-gc: tells what is left of its heap after everything that nobody
// holds is gone, and what keeps its event loop busy. It is no part of the product.
import { setImmediate } from 'node:timers/promises';
import { getHeapCodeStatistics } from 'node:v8';

process.on('message', async () => {
  for (let round = 0; round < 3; round += 1) {
    globalThis.gc();
    await setImmediate();
  }
  const { heapUsed, external } = process.memoryUsage();
  const { code_and_metadata_size, bytecode_and_metadata_size } = getHeapCodeStatistics();
  const code = code_and_metadata_size + bytecode_and_metadata_size;
  process.send({ heapUsed, code, external, handles: process.getActiveResourcesInfo().length });
});
// To be asked is no reason to live.
process.channel.unref();
