import { systemRandom } from '../system.ts';
import { hashPassword } from '../web/access/password-hash.ts';
import { type Command, DONE, FAILED } from './context.ts';

const LEAST = 8;

/** Reads a password from standard input and prints its hash, for `web.password`. */
export const password: Command = async ({ askHidden, complain, reveal }) => {
  const given = await askHidden('Password for the private listener: ');
  if (given === null || [...given].length < LEAST) {
    complain(`A password of at least ${LEAST} characters is expected on standard input.`);
    return FAILED;
  }
  const hash = await hashPassword(given, systemRandom);
  complain('Set this as web.password, or put it into a file for BRIDGE_WEB_PASSWORD_FILE:');
  reveal(hash);
  return DONE;
};
