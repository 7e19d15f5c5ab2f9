import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isForbiddenAddress, urlPolicy } from '../../src/bridge/url-policy.ts';
import { readBy } from '../support/house.ts';
import { NEVER, NO_URLS, ORDINARY, SPELLINGS } from './url-spellings.ts';

const verdict = (url: string, hosts: readonly string[] | null = null): string => {
  const outcome = urlPolicy(hosts)(url);
  return outcome.ok ? 'allowed' : outcome.error.code;
};

describe('without a list of hosts', () => {
  it.each(NEVER)('speakers are not sent to %s', (host) => {
    for (const url of [`http://${host}/a.mp3`, `https://${host}:8443/`, `HTTP://user:pass@${host}`]) {
      expect([url, verdict(url)]).toEqual([url, 'blocked']);
    }
  });

  it.each(ORDINARY)('speakers may fetch from %s', (host) => {
    for (const url of [`http://${host}/a.mp3`, `https://${host}:8443/`]) {
      expect([url, verdict(url)]).toEqual([url, 'allowed']);
    }
  });

  it('every address of this machine is refused in every spelling', () => {
    const octet = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(octet, octet, octet, fc.nat(5), (a, b, c, spelling) => {
        const number = 0x7f_00_00_00 + a * 65_536 + b * 256 + c;
        const low = (b * 256 + c).toString(16);
        const high = (0x7f00 + a).toString(16);
        const host = [
          `127.${a}.${b}.${c}`,
          String(number),
          `0x${number.toString(16)}`,
          `0177.0x${a.toString(16)}.${b * 256 + c}`,
          `[::ffff:${high}:${low}]`,
          `[2002:${high}:${low}::]`,
        ][spelling];
        expect(verdict(`http://${host}/`)).toBe('blocked');
      }),
    );
  });

  it('never throws, whatever the text is', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.webUrl(),
          fc.ipV6().map((ip) => `http://[${ip}]/`),
        ),
        (text) => {
          expect(['allowed', 'blocked', 'invalid_payload']).toContain(verdict(text));
        },
      ),
    );
  });
});

describe('the table of spellings', () => {
  it('has more than two hundred, no two alike, and each becomes what it must', () => {
    expect(new Set(SPELLINGS.map(([url]) => url)).size).toBe(SPELLINGS.length);
    expect(SPELLINGS.length).toBeGreaterThanOrEqual(200);
    expect(SPELLINGS.map(([url]) => [url, verdict(url)])).toEqual(SPELLINGS);
  });

  it('has the same verdict for the spelling in which `clip` hands a URL to the player', () => {
    let handed = 0;
    for (const [url, becomes] of SPELLINGS) {
      const read = readBy('clip', JSON.stringify({ url }));
      const given = URL.canParse(url) ? new URL(url) : null;
      const isPlain =
        becomes !== 'invalid_payload' && given !== null && given.username + given.password === '';
      // A user or a password goes to no player, whatever the host is.
      expect([url, read.ok]).toEqual([url, isPlain]);
      if (!isPlain) continue;
      expect(read).toMatchObject({ value: { url: given.href } });
      expect([given.href, verdict(given.href)]).toEqual([given.href, becomes]);
      handed += 1;
    }
    expect(handed).toBeGreaterThan(150);
  });
});

describe('an address as a resolver gives it', () => {
  it.each([
    '127.0.0.1',
    '127.255.0.9',
    '0.0.0.0',
    '169.254.169.254',
    '100.100.100.200',
    '224.0.0.251',
    '255.255.255.255',
    '::1',
    '::',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::FFFF:169.254.169.254',
    '64:ff9b::127.0.0.1',
    '2002:7f00:1::',
    'fe80::1%eth0',
    'fe80::5054:ff:fe12:3456%2',
    '::1%lo',
    'ff02::1%en0',
    'fd00:ec2::254',
  ])('%s is forbidden', (address) => {
    expect(isForbiddenAddress(address)).toBe(true);
  });

  it.each([
    '192.168.1.5',
    '10.0.0.1',
    '93.184.216.34',
    '2001:db8::1',
    'fd00::5',
    'fd00::5%eth0',
    '::ffff:192.168.1.5',
    '64:ff9b::10.0.0.1',
  ])('%s is not', (address) => {
    expect(isForbiddenAddress(address)).toBe(false);
  });

  it.each([
    '',
    'nas',
    'nas%127.0.0.1',
    'a@192.168.1.5',
    '192.168.1.5/8',
    '192.168.1.5:80',
    '1.2.3.4.5',
    '300.1.1.1',
    ':',
    '[::2]',
    '1::2::3',
    '2001:db8::1]/',
  ])('%j is none, and forbidden', (text) => {
    expect(isForbiddenAddress(text)).toBe(true);
  });

  it('has the same verdict as a URL with it', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (address) => {
        const host = address.includes(':') ? `[${address}]` : address;
        expect(isForbiddenAddress(address)).toBe(verdict(`http://${host}/`) === 'blocked');
      }),
    );
  });
});

describe('what is no address of a web server', () => {
  it.each(NO_URLS)('%s is refused, listed or not', (url) => {
    expect(verdict(url)).toBe('invalid_payload');
    expect(verdict(url, ['nas', '127.0.0.1', '0x7f000001', ''])).toBe('invalid_payload');
  });
});

describe('with a list of hosts', () => {
  it.each([
    ['http://nas/a.mp3', ['nas']],
    ['http://NAS./a.mp3', ['nas']],
    ['http://nas:8123/', ['nas']],
    ['https://nas/', ['other', ' Nas. ']],
    ['http://127.0.0.1/', ['127.0.0.1']],
    ['http://2130706433/', ['127.0.0.1']],
    ['http://localhost:8000/', ['localhost']],
    ['http://[::1]/', ['::1']],
    ['http://[::1]/', ['[::1]']],
    ['http://[fd00::5]:8123/', ['FD00:0:0:0:0:0:0:5']],
    ['http://[fd00::5]:8123/', ['[fd00::5]:8123']],
    ['http://xn--kche-0ra.local/', ['küche.local']],
    ['http://küche.local/', ['xn--kche-0ra.local']],
  ])('%s is allowed by %j', (url, hosts) => {
    expect(verdict(url, hosts)).toBe('allowed');
  });

  it.each([
    ['http://other/', ['nas']],
    ['http://nas.evil.example/', ['nas']],
    ['http://evilnas/', ['nas']],
    ['http://nas@evil.example/', ['nas']],
    ['http://evil.example/#@nas/', ['nas']],
    ['http://evil.example\\@nas/', ['nas']],
    ['http://192.168.1.5/', []],
    ['http://./', ['']],
    ['http://./', ['not a host']],
  ])('%s is not allowed by %j', (url, hosts) => {
    expect(verdict(url, hosts)).toBe('blocked');
  });

  it('means any port of a host without one, and only the named port of a host with one', () => {
    expect(verdict('http://nas:8123/', ['nas:8123'])).toBe('allowed');
    expect(verdict('https://nas:8123/', ['nas:8123'])).toBe('allowed');
    expect(verdict('http://nas/', ['nas:8123'])).toBe('blocked');
    expect(verdict('http://nas/', ['nas:80'])).toBe('allowed');
    expect(verdict('https://nas/', ['nas:443'])).toBe('allowed');
    expect(verdict('https://nas/', ['nas:80'])).toBe('blocked');
    expect(verdict('http://nas:8124/', ['nas:80', 'nas:443'])).toBe('blocked');
  });

  it('says which host it was, and where hosts are listed', () => {
    expect(urlPolicy(['nas'])('http://evil.example/a?secret=1')).toEqual({
      ok: false,
      error: {
        code: 'blocked',
        message: 'Addresses at "evil.example" are not allowed.',
        advice: 'Add the host to announcements.allowed_hosts when the speakers may fetch from it.',
      },
    });
  });
});
