import type { MqttClient } from 'mqtt';

/** Sends at once what is written, without Nagle's algorithm, as the bridge does. */
export function setNoDelay({ stream }: MqttClient): void {
  if ('setNoDelay' in stream && typeof stream.setNoDelay === 'function') stream.setNoDelay(true);
}

/** Makes what is called ahead of publishing, so that all that is published in a turn of the event loop leaves in one write. */
export function corkerOf({ stream }: MqttClient): () => void {
  let isCorked = false;
  return () => {
    if (isCorked) return;
    isCorked = true;
    stream.cork();
    setImmediate(() => {
      isCorked = false;
      stream.uncork();
    });
  };
}
