/** A word as a shell takes it, whatever stands in it. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** A line for a shell that sends a command; `page` is the page's own address. */
export function curlLine(page: string, room: string, command: string, value: unknown, token: string): string {
  const { href } = new URL(`api/rooms/${encodeURIComponent(room)}/${command}`, page);
  return [
    'curl -X POST',
    `-H ${quoted(`Authorization: Bearer ${token}`)}`,
    `-H ${quoted('Content-Type: application/json')}`,
    `-d ${quoted(JSON.stringify(value))}`,
    quoted(href),
  ].join(' ');
}
