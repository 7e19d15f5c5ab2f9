import { defineConfig } from 'vitest/config';

/** The tests that a change to the code under mutation has to fail: those without processes, sockets and waiting. */
export default defineConfig({
  root: process.cwd(),
  test: {
    testTimeout: 60_000,
    hookTimeout: 60_000,
    include: [
      'test/events/{signature,headers,receiver}.test.ts',
      'test/bridge/{bridge,bridge-commands,commands,commands-property,lanes,payload,readers,replies,sequence,witness}.test.ts',
      'test/sonos/{accounts,oauth,login}.test.ts',
      'test/store/{document,folder,lock,recovery,writer,disk-failures}.test.ts',
      'test/mqtt/{outbox,publisher,render,topics,valid-topic}.test.ts',
    ],
  },
});
