import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/**
 * A datagram socket as systemd has it (sd_notify(3)), which Node cannot open. With a barrier a descriptor comes along; that
 * it is closed tells the sender that everything before was read.
 */
const RECEIVER = `
import json, os, socket, sys, time
receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
receiver.bind(sys.argv[1])
print(json.dumps({'at': 0, 'words': []}), flush=True)
while True:
    data, ancillary, _, _ = receiver.recvmsg(65536, 1024)
    words = data.decode().split(chr(10))
    if words != ['BARRIER=1']:
        print(json.dumps({'at': time.monotonic() * 1000, 'words': words}), flush=True)
    for level, kind, content in ancillary:
        if kind == socket.SCM_RIGHTS:
            for at in range(0, len(content) // 4 * 4, 4):
                os.close(int.from_bytes(content[at:at + 4], sys.byteorder))
`;

/** What was received, and when, in milliseconds of a clock that never jumps. */
export interface Received {
  readonly at: number;
  readonly words: readonly string[];
}

/** Opens a real receiver of what services tell systemd; it ends with the test. */
export async function openSystemdReceiver(python: string) {
  const folder = await mkdtemp(join(tmpdir(), 'systemd-'));
  const socket = join(folder, 'notify');
  const child = spawn(python, ['-c', RECEIVER, socket], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
    await rm(folder, { recursive: true });
  });
  let text = '';
  const all = (): Received[] =>
    text
      .split('\n')
      .slice(1, -1)
      .map((line) => JSON.parse(line) as Received);
  child.stdout.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
  });
  await once(child.stdout, 'data');
  return {
    socket,
    all,
    words: () => all().map(({ words }) => words),
    /** Waits until a message with this word has come. */
    until: async (word: string, count = 1): Promise<void> => {
      while (all().filter(({ words }) => words.includes(word)).length < count)
        await once(child.stdout, 'data');
    },
  };
}
