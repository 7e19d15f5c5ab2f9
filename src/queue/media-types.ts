/** What Sonos plays, by the ending of a file's name (support.sonos.com, "Supported audio formats"). */
const TYPES: ReadonlyMap<string, string> = new Map([
  ['mp3', 'audio/mpeg'],
  ['flac', 'audio/flac'],
  ['m4a', 'audio/mp4'],
  ['mp4', 'audio/mp4'],
  ['aac', 'audio/aac'],
  ['ogg', 'audio/ogg'],
  ['oga', 'audio/ogg'],
  ['wav', 'audio/wav'],
  ['aif', 'audio/aiff'],
  ['aiff', 'audio/aiff'],
  ['wma', 'audio/x-ms-wma'],
]);

/** The ending of a name in lower case, without its dot; empty when it has none. */
export const endingOf = (name: string): string =>
  /\.([A-Za-z0-9]{1,5})$/.exec(name)?.[1]?.toLowerCase() ?? '';

/** The media type that an ending stands for; null for what is no audio file. */
export const mediaTypeOf = (ending: string): string | null => TYPES.get(ending) ?? null;

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
const CONTROL = /[\u0000-\u001f\u007f-\u009f]+/g;

/** A file's name as a title: without its ending and what no display can show. */
export function titleOf(fileName: string): string | null {
  const ending = endingOf(fileName);
  const bare = ending === '' ? fileName : fileName.slice(0, -ending.length - 1);
  const title = bare.replace(CONTROL, ' ').trim();
  return title === '' ? null : title;
}
