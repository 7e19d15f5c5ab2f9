import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { urlPolicy } from '../../src/bridge/url-policy.ts';

const verdict = (url: string, hosts: readonly string[] | null = null): string => {
  const outcome = urlPolicy(hosts)(url);
  return outcome.ok ? 'allowed' : outcome.error.code;
};

/** Spellings of this machine, of link-local and of metadata addresses, and of what is nobody's. */
const NEVER = [
  // this machine, as IPv4
  '127.0.0.1',
  '127.1',
  '127.0.1',
  '127.255.255.254',
  '2130706433',
  '0x7f000001',
  '0x7F.0x0.0x0.0x1',
  '0x7f.1',
  '017700000001',
  '0177.0.0.1',
  '0177.0.0.01',
  '0000177.0.0.1',
  '127.0.0.1.',
  '127.0.0.1..',
  '0x7f.1..',
  '2130706433...',
  '１２７.０.０.１',
  '127。0。0。1',
  '①②⑦.⓪.⓪.①',
  '%31%32%37.0.0.1',
  '127%2e0%2e0%2e1',
  '0',
  '0.0.0.0',
  '0x0',
  '00',
  '0.1.2.3',
  // this machine, as IPv6
  '[::1]',
  '[0:0:0:0:0:0:0:1]',
  '[0000:0000:0000:0000:0000:0000:0000:0001]',
  '[::]',
  '[::0.0.0.1]',
  '[::127.0.0.1]',
  '[::7f00:1]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[::FFFF:7F00:0001]',
  '[0:0:0:0:0:ffff:127.0.0.1]',
  '[::ffff:0:127.0.0.1]',
  '[::ffff:0.0.0.0]',
  '[64:ff9b::127.0.0.1]',
  '[64:ff9b::7f00:1]',
  '[64:ff9b:1::127.0.0.1]',
  '[2002:7f00:1::]',
  '[2002:7f00:0001:1234::5]',
  // link-local addresses, and the clouds' metadata
  '169.254.169.254',
  '169.254.1.1',
  '2852039166',
  '0xa9fea9fe',
  '0xA9.0xFE.0xA9.0xFE',
  '0251.0376.0251.0376',
  '169.254.43518',
  '１６９.２５４.１６９.２５４',
  '[::ffff:169.254.169.254]',
  '[::169.254.169.254]',
  '[64:ff9b::a9fe:a9fe]',
  '[2002:a9fe:a9fe::1]',
  '[fe80::1]',
  '[fe80::5054:ff:fe12:3456]',
  '[febf::1]',
  '[fd00:ec2::254]',
  '[fd20:ce::254]',
  '[fd00:c1::a9fe:a9fe]',
  '100.100.100.200',
  '192.0.0.192',
  '168.63.129.16',
  // nobody's
  '224.0.0.251',
  '239.255.255.250',
  '240.0.0.1',
  '255.255.255.255',
  '[ff02::1]',
  '[ff05::c]',
  // names
  'localhost',
  'LOCALHOST',
  'localhost.',
  'LocalHost..',
  'ｌｏｃａｌｈｏｓｔ',
  'loc%61lhost',
  'kitchen.localhost',
  'a.b.localhost.',
  'localhost.localdomain',
  'localhost4',
  'localhost6',
  'localhost6.localdomain6',
  'ip6-localhost',
  'ip6-loopback',
  'metadata',
  'metadata.google.internal',
  'METADATA.google.internal.',
  'metadata.goog',
  'instance-data',
  'instance-data.ec2.internal',
  '.',
];

const ORDINARY = [
  '192.168.1.5',
  '10.0.0.1',
  '172.16.3.4',
  '100.64.0.1',
  '126.255.255.255',
  '128.0.0.1',
  '169.253.255.255',
  '169.255.0.0',
  '223.255.255.255',
  '1.0.0.0',
  '100.100.100.201',
  'nas',
  'nas.local',
  'nas.lan',
  'nas.localdomain',
  'homeassistant.local',
  'my-localhost',
  'localhost.example.org',
  'localhosts',
  'metadata.example.org',
  'music.example.org',
  'xn--kche-0ra.local',
  '[fd00::5]',
  '[fd00:ec3::254]',
  '[2001:db8::1]',
  '[fec0::1]',
  '[::ffff:192.168.1.5]',
  '[::192.168.1.5]',
  '[64:ff9b::192.168.1.5]',
  '[64:ff9c::127.0.0.1]',
  '[2002:c0a8:105::]',
  '[2003:7f00:1::]',
  '[1::1]',
  '[0:0:0:0:1::7f00:1]',
];

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

describe('what is no address of a web server', () => {
  it.each([
    '',
    'nas',
    'nas/a.mp3',
    '//nas/a.mp3',
    'http://',
    'http://[fe80::1%25eth0]/',
    'http://[::1',
    'http://256.1.1.1/',
    'http://0x7f000001ff/',
    'file:///etc/passwd',
    'ftp://nas/a.mp3',
    'rtsp://0x7f000001/',
    'data:audio/mp3;base64,AAAA',
    'javascript:alert(1)',
    'x-rincon-mp3radio://127.0.0.1/',
  ])('%s is refused, listed or not', (url) => {
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
        message: 'Sounds from "evil.example" are not allowed.',
        advice: 'Add the host to announcements.allowed_hosts when the speakers may fetch from it.',
      },
    });
  });
});
