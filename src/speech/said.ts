const LONGEST = 120;
/** So many letters in a row of something hidden count as a part of it. */
const RUN = 8;

/**
 * The beginning of what a server or a program said, to be repeated in an error; null when it says nothing, or may
 * repeat a part of what is hidden: the text, a key.
 */
export function saidBy(said: string, hidden: readonly string[]): string | null {
  const plain = decoded(said);
  if (hidden.some((secret) => reveals(plain, secret))) return null;
  const line = said
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\s]+/gu, ' ')
    .trim()
    .replaceAll('"', "'");
  if (line === '') return null;
  const letters = [...line];
  return letters.length <= LONGEST ? line : `${letters.slice(0, LONGEST - 1).join('')}…`;
}

/** Servers repeat addresses and JSON as they came. */
function decoded(said: string): string {
  return said
    .replace(/\\u([0-9a-f]{4})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
    .replace(/(?:%[0-9a-f]{2})+/gi, (bytes) =>
      Buffer.from(bytes.replaceAll('%', ''), 'hex').toString('utf8'),
    );
}

/** Letters and digits only, so that no spelling of spaces and punctuation hides anything. */
const bare = (text: string): string => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');

function reveals(said: string, secret: string): boolean {
  if (secret !== '' && said.includes(secret)) return true;
  const [within, looked] = [bare(said), bare(secret)];
  const run = Math.min(RUN, looked.length);
  if (run === 0) return false;
  for (let at = 0; at + run <= within.length; at += 1) {
    if (looked.includes(within.slice(at, at + run))) return true;
  }
  return false;
}
