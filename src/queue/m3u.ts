/** A line of a playlist that names something to play. */
export interface PlaylistEntry {
  /** A URL, or a path; as it stands there. */
  readonly location: string;
  readonly title: string | null;
  readonly artist: string | null;
  /** Seconds; null when it is not known. */
  readonly duration: number | null;
}

/** The text of a playlist: UTF-8, or Latin-1, as older ones are. */
export function playlistText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('latin1').decode(bytes);
  }
}

const LONGEST_LINE = 4_096;

/** `#EXTINF:183,Artist - Title`; attributes such as `tvg-id="x"` may stand before the comma. */
function infoOf(line: string): Omit<PlaylistEntry, 'location'> {
  const [, seconds = '', words = ''] =
    /^#EXTINF:\s*(-?\d+(?:\.\d+)?)?(?:[^,"]|"[^"]*")*,?(.*)$/i.exec(line) ?? [];
  const duration = Number(seconds) > 0 ? Number(seconds) : null;
  const text = words.trim();
  const at = text.indexOf(' - ');
  return {
    duration,
    artist: at > 0 ? text.slice(0, at).trim() : null,
    title: (at > 0 ? text.slice(at + 3).trim() : text) || null,
  };
}

const UNKNOWN = { title: null, artist: null, duration: null } as const;

/** Reads an M3U or M3U8 file; null when it is the playlist of a stream in pieces (HLS), which is no list of tracks. */
export function readPlaylist(text: string): readonly PlaylistEntry[] | null {
  const entries: PlaylistEntry[] = [];
  let info: Omit<PlaylistEntry, 'location'> = UNKNOWN;
  for (const given of text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/)) {
    const line = given.trim();
    if (line.startsWith('#EXT-X-')) return null;
    if (/^#EXTINF:/i.test(line)) info = infoOf(line.slice(0, LONGEST_LINE));
    if (line === '' || line.startsWith('#') || line.length > LONGEST_LINE) continue;
    entries.push({ ...info, location: line });
    info = UNKNOWN;
  }
  return entries;
}
