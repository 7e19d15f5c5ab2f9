import { defineConfig } from 'vitest/config';

/** The stage with Node-RED, which is installed apart from everything else: see package.json beside this. */
export default defineConfig({
  root: process.cwd(),
  test: {
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // Most of this is waiting: for speech to end, for the doorbell to be heard again.
    maxWorkers: 4,
    // The bridge is read once for each worker, not for each file.
    isolate: false,
    include: ['test/node-red/*.test.ts'],
  },
});
