import { readFile } from 'node:fs/promises';

/** Paths of PEM files. */
export interface TlsPaths {
  /** The authority that signed the broker's certificate, in place of the public ones. */
  readonly ca?: string;
  /** Our own certificate and its key, for brokers that ask for one. */
  readonly cert?: string;
  readonly key?: string;
}

/** What the files hold. */
export interface TlsTexts {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
}

/** Reads the files that are named. Rejects when one cannot be read. */
export async function readTlsFiles({ ca, cert, key }: TlsPaths): Promise<TlsTexts> {
  return {
    ...(ca === undefined ? {} : { ca: await readFile(ca) }),
    ...(cert === undefined ? {} : { cert: await readFile(cert) }),
    ...(key === undefined ? {} : { key: await readFile(key) }),
  };
}
