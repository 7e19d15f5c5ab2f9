import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram } from '../../test/support/programs.ts';

/** A certificate for 127.0.0.1 that only those trust who are told to. */
export interface Certificate {
  readonly key: string;
  readonly certificate: string;
  /** For `NODE_EXTRA_CA_CERTS`. */
  readonly file: string;
  remove(): Promise<void>;
}

/** Makes a certificate that signs itself. */
export async function makeCertificate(): Promise<Certificate> {
  const program = findProgram('openssl');
  if (program === null) throw new Error('The bench needs openssl: apt-get install openssl');
  const folder = await mkdtemp(join(tmpdir(), 'bench-certificate-'));
  const [key, file] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const subject = ['-subj', '/CN=bench', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const options = ['req', '-x509', ...kind, ...subject, '-keyout', key, '-out', file];
  execFileSync(program, options, { stdio: 'ignore' });
  return {
    key: readFileSync(key, 'utf8'),
    certificate: readFileSync(file, 'utf8'),
    file,
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
