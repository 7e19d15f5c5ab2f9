/** `http://127.0.0.1:8788`; an address that stands for all of the machine's is shown as its loopback. */
export function addressOf(scheme: string, host: string, port: number): string {
  if (host === '0.0.0.0') return `${scheme}://127.0.0.1:${port}`;
  if (host === '::') return `${scheme}://[::1]:${port}`;
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
