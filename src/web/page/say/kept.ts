/** Where a browser keeps texts. */
export interface Keep {
  getItem(name: string): string | null;
  setItem(name: string, value: string): void;
}

const NAME = 'said';
const MOST = 5;

/** The last texts that were said from this browser, newest first. */
export function keptTexts(keep: Keep): readonly string[] {
  try {
    const found: unknown = JSON.parse(keep.getItem(NAME) ?? '[]');
    return Array.isArray(found) ? found.filter((each) => typeof each === 'string').slice(0, MOST) : [];
  } catch {
    return [];
  }
}

/** Remembers a text; the same one again moves to the front. Returns all. */
export function keepText(keep: Keep, text: string): readonly string[] {
  const texts = [text, ...keptTexts(keep).filter((each) => each !== text)].slice(0, MOST);
  try {
    keep.setItem(NAME, JSON.stringify(texts));
  } catch {
    // A browser that keeps nothing, as in private windows, still says it.
  }
  return texts;
}
