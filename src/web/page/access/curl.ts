/** A word as a shell takes it, whatever stands in it. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** What a shell runs to send a command, a line for each part; `page` is the page's own address. */
export function curlLine(page: string, room: string, command: string, value: unknown, token: string): string {
  const { href } = new URL(`api/rooms/${encodeURIComponent(room)}/${command}`, page);
  return [
    `curl -X POST ${quoted(href)}`,
    `-H ${quoted(`Authorization: Bearer ${token}`)}`,
    `-H ${quoted('Content-Type: application/json')}`,
    `-d ${quoted(JSON.stringify(value))}`,
  ].join(' \\\n  ');
}
