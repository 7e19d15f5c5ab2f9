/** Addresses that mean something only inside one house (RFC 1918, RFC 3927). */
const PRIVATE = /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|169\.254\.)/;
const LOOPBACK = /^(127\.\d+\.\d+\.\d+|localhost|\[::1\])$/;
const IPV4 = /^\d{1,3}(\.\d{1,3}){3}$/;

const URLS = /\b[a-z][a-z0-9+.-]*:\/\/[^\s"'<>\\]+/gi;
const IPV4S = /(?<![\d.])\d{1,3}(\.\d{1,3}){3}(?![\d.])/g;
const IPV6S = /\[?(?:[0-9a-f]{1,4}:){4,7}[0-9a-f]{1,4}\]?|\[?[0-9a-f:]*[0-9a-f]?::[0-9a-f:]+\]?/gi;
const MACS = /(?<![0-9a-f])([0-9a-f]{2}[:-]){5}[0-9a-f]{2}(?:[:-][0-9a-f]{1,2})?(?![0-9a-f])/gi;

/** A number for each text, counted from 1. */
class Numbers {
  readonly #known = new Map<string, number>();
  of(text: string): number {
    const number = this.#known.get(text) ?? this.#known.size + 1;
    this.#known.set(text, number);
    return number;
  }
}

/** Replaces URLs, network and hardware addresses: a URL keeps its scheme and the ending of its file, and has no query. */
export class UrlStandIns {
  readonly #urls = new Numbers();
  readonly #hosts = new Numbers();
  readonly #cards = new Numbers();

  is(text: string): boolean {
    return /^[a-z][a-z0-9+.-]*:\/\/\S+$/i.test(text);
  }

  /** The stand-in of a URL. */
  url(text: string): string {
    const [, scheme = '', rest = ''] = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/is.exec(text) ?? [];
    const authority = rest.split(/[/?#]/, 1)[0] ?? '';
    const host = authority.replace(/^.*@/s, '').replace(/:\d*$/, '');
    const ending = /\.[a-z0-9]{1,4}(?=$|[?#])/i.exec(rest.slice(authority.length))?.[0] ?? '';
    return `${scheme.toLowerCase()}://${this.host(host)}/${this.#urls.of(text)}${ending}`;
  }

  /** The stand-in of a host. One that is private is still, and so is one without a name. */
  host(host: string): string {
    const name = host.toLowerCase();
    if (LOOPBACK.test(name)) return name;
    const number = this.#hosts.of(name);
    if (!IPV4.test(name)) return `host-${number}.example`;
    return `${PRIVATE.test(name) ? '192.168' : '198.18'}.${Math.floor(number / 254) % 256}.${(number % 254) + 1}`;
  }

  /** The text with stand-ins for all URLs and addresses in it. */
  within(text: string): string {
    return text
      .replace(URLS, (url) => this.url(url))
      .replace(
        MACS,
        (mac) => `00-00-00-00-00-${this.#cards.of(mac.toLowerCase()).toString(16).padStart(2, '0')}`,
      )
      .replace(IPV4S, (host) => this.host(host))
      .replace(IPV6S, (host) => this.host(host));
  }
}
