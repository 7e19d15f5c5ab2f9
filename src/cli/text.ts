/** Text that stays on its line: what came from outside could else move the cursor or turn the line around. */
export const printable = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu, ' ');

/** At most so many characters; an ellipsis tells that there was more. */
export function shortened(text: string, width: number): string {
  const letters = [...text];
  if (letters.length <= width) return text;
  return `${letters
    .slice(0, Math.max(0, width - 1))
    .join('')
    .trimEnd()}…`;
}

/** Filled up with spaces, or shortened, to exactly so many characters. */
export function fitted(text: string, width: number): string {
  const short = shortened(text, width);
  return short + ' '.repeat(Math.max(0, width - [...short].length));
}

/** Whole words in lines of at most so many characters; a longer word stays whole, on a line of its own. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ').filter((each) => each !== '')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return line === '' ? lines : [...lines, line];
}
