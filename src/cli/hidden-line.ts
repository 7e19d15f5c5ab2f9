import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';

/** Where somebody types, such as `process.stdin`. */
export type Keyboard = NodeJS.ReadableStream & { readonly isTTY?: boolean };

/**
 * Reads the next line that is typed, which the terminal does not show; null at the end of the input. `interrupted` is called when
 * Ctrl-C is pressed, of which the terminal tells nobody else meanwhile.
 */
export function readHiddenLine(keyboard: Keyboard, interrupted: () => void): Promise<string | null> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const reader = createInterface({ input: keyboard, output: nowhere, terminal: keyboard.isTTY === true });
  return new Promise((resolve) => {
    reader.once('line', (line) => {
      resolve(line);
      reader.close();
    });
    reader.once('SIGINT', interrupted);
    reader.once('close', () => resolve(null));
  });
}
