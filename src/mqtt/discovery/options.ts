/** Home Assistant keeps no attributes of more bytes in its history; the list of options is one of them. */
const MOST_BYTES = 15_000;
/** A state has no more characters. */
const LONGEST = 255;

/** The options that a list can have: each once, without space around it, none too long, and together no more than Home Assistant keeps. */
export function fittingOptions(names: Iterable<string>): readonly string[] {
  const options: string[] = [];
  let bytes = 0;
  for (const name of new Set([...names].map((each) => each.trim()))) {
    // `None` stands for no option.
    if (name === '' || name.length > LONGEST || name.toLowerCase() === 'none') continue;
    bytes += Buffer.byteLength(JSON.stringify(name)) + 1;
    if (bytes > MOST_BYTES) break;
    options.push(name);
  }
  return options;
}
