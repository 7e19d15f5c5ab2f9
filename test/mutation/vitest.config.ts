import { defineConfig } from 'vitest/config';

/** The tests that a change to the code under mutation has to fail: those without processes, sockets and waiting. */
export default defineConfig({
  root: process.cwd(),
  test: {
    testTimeout: 60_000,
    hookTimeout: 60_000,
    include: [
      'test/events/{signature,headers,receiver}.test.ts',
      'test/bridge/{commands,volumes}*.test.ts',
      'test/bridge/{bridge,bridge-commands,carrier,job,lanes,payload,readers,replies,sequence,witness}.test.ts',
      'test/sonos/accounts*.test.ts',
      'test/sonos/{oauth,oauth-answer,login,linked,linking,ledger}.test.ts',
      'test/sonos/{grant,grant-gone,grant-log,refresh-pauses,token-life}.test.ts',
      'test/store/{adapter,checksum,copy,document,folder,lock,lock-claims,lock-record,recovery,writer,disk-failures}.test.ts',
      'test/mqtt/{outbox,publisher,render,topics,valid-topic,retained-topics,one-off-queue}.test.ts',
    ],
  },
});
