/** One command of a line of shell: its words, without quotes, and nothing of redirections. */
export type ShellCommand = readonly string[];

const TOKEN = /\s+|#[^\n]*|&&|\|\|?|;|[<>]+&?|'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)|([^\s'"\\&|;<>]+)/gsy;

/** The commands of a line of shell, as far as examples need it: quotes, comments, `&&`, `|`, `;`, redirections. */
export function shellCommands(line: string): ShellCommand[] {
  const commands: string[][] = [[]];
  let word: string | null = null;
  let isTarget = false;
  const end = (): void => {
    if (word !== null && !isTarget) commands.at(-1)?.push(word);
    if (word !== null) isTarget = false;
    word = null;
  };
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < line.length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(line);
    if (match === null) throw new SyntaxError(`cannot read the shell from here: ${line.slice(at)}`);
    const [token, single, double, escaped, plain] = match;
    const part = single ?? double?.replace(/\\(["\\$`])/g, '$1') ?? escaped ?? plain;
    // A # is a comment only where a word could begin.
    if (token.startsWith('#') && word !== null) word += token;
    else if (part !== undefined && !token.startsWith('#')) word = `${word ?? ''}${part}`;
    else {
      end();
      if (/^[<>]/.test(token)) isTarget = true;
      else if (/^[&|;]/.test(token)) commands.push([]);
    }
  }
  end();
  return commands.filter(({ length }) => length > 0);
}

/** The lines of a script, those that end with a backslash joined. */
export const shellLines = (text: string): string[] =>
  text
    .replaceAll(/\\\n\s*/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '');
