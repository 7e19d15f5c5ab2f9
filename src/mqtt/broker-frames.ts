import { err, ok, type Result } from '../bridge/result.ts';

/** How much of one packet the guard lets through, in bytes of Remaining Length (MQTT 3.1.1 §2.2.3). */
export interface FrameLimits {
  /** For CONNECT, which carries the client id, the will, the user name and the password. */
  readonly connectBytes: number;
  /** For every later packet. */
  readonly packetBytes: number;
}

/** What the embedded broker lets through: 8 KiB of CONNECT, then 256 KiB a packet. */
export const FRAME_LIMITS: FrameLimits = { connectBytes: 8 * 1024, packetBytes: 256 * 1024 };

/** Why a byte stream is not MQTT as this broker takes it. */
export type FrameFault = 'not_mqtt' | 'connect_too_large' | 'packet_too_large' | 'malformed_length';

/** Follows one client's byte stream from packet to packet without keeping any of it. */
export interface FrameScanner {
  /** Reads on. The value is where in this chunk the CONNECT packet ended, null when it did not end here. */
  scan(chunk: Uint8Array): Result<number | null, FrameFault>;
}

const CONNECT = 0x10;
const LENGTH_DIGITS = 4;
/** The packet type and the most digits of a length, in bytes. */
export const LONGEST_FIXED_HEADER = 1 + LENGTH_DIGITS;

/** Starts at the first byte of a connection. After a fault the scanner is of no further use. */
export function createFrameScanner(limits: FrameLimits): FrameScanner {
  let stage: 'type' | 'length' | 'body' = 'type';
  let first = true;
  let digits = 0;
  let left = 0;

  const readType = (byte: number): FrameFault | null => {
    if (first && byte !== CONNECT) return 'not_mqtt';
    stage = 'length';
    digits = 0;
    left = 0;
    return null;
  };

  const readLength = (byte: number): FrameFault | null => {
    left += (byte & 0x7f) * 128 ** digits;
    digits += 1;
    if (left > (first ? limits.connectBytes : limits.packetBytes)) {
      return first ? 'connect_too_large' : 'packet_too_large';
    }
    if ((byte & 0x80) === 0) stage = 'body';
    else if (digits === LENGTH_DIGITS) return 'malformed_length';
    return null;
  };

  return {
    scan(chunk) {
      let connectEnd: number | null = null;
      let at = 0;
      while (at < chunk.length) {
        if (stage === 'body') {
          const step = Math.min(left, chunk.length - at);
          at += step;
          left -= step;
        } else {
          const byte = chunk[at] ?? 0;
          const fault = stage === 'type' ? readType(byte) : readLength(byte);
          if (fault !== null) return err(fault);
          at += 1;
        }
        if (stage !== 'body' || left > 0) continue;
        if (first) connectEnd = at;
        first = false;
        stage = 'type';
      }
      return ok(connectEnd);
    },
  };
}
