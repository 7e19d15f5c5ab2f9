import { describe, expect, it } from 'vitest';
import { createAddressCap, isPublicAddress } from '../../src/events/address-cap.ts';

describe('an address', () => {
  it.each([
    '127.0.0.1',
    '::1',
    '10.1.2.3',
    '172.17.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '169.254.1.1',
    '100.64.0.1',
    '::ffff:127.0.0.1',
    '::ffff:192.168.1.1',
    'fd00::1',
    'fe80::1',
    'fe80::1%eth0',
    '',
    'not an address',
  ])('that may be a proxy of the house is not public: %s', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  it.each(['8.8.8.8', '172.32.0.1', '100.128.0.1', '::ffff:8.8.8.8', '2001:db8::1', '2a02::1'])(
    'of the internet is public: %s',
    (address) => {
      expect(isPublicAddress(address)).toBe(true);
    },
  );
});

describe('the cap', () => {
  it('lets each public address have so many connections, and another when one ends', () => {
    const cap = createAddressCap(2);
    expect(['8.8.8.8', '8.8.8.8', '8.8.8.8', '8.8.4.4'].map(cap.enter)).toEqual([true, true, false, true]);
    cap.leave('8.8.8.8');
    expect(cap.enter('8.8.8.8')).toBe(true);
    expect(cap.enter('8.8.8.8')).toBe(false);
  });

  it('takes an IPv6 network for one address, in every spelling', () => {
    const cap = createAddressCap(1);
    expect(cap.enter('2001:db8:1:2::1')).toBe(true);
    for (const same of ['2001:db8:1:2:3:4:5:6', '2001:0db8:0001:0002::', '2001:db8:1:2:ffff::9']) {
      expect([same, cap.enter(same)]).toEqual([same, false]);
    }
    expect(cap.enter('2001:db8:1:3::1')).toBe(true);
    expect(cap.enter('2001:db8::1')).toBe(true);
    expect(cap.enter('2001:db8:0:0:9::')).toBe(false);
  });

  it('lets mapped IPv4 addresses apart', () => {
    const cap = createAddressCap(1);
    expect(['::ffff:8.8.8.8', '::ffff:8.8.4.4', '::ffff:8.8.8.8'].map(cap.enter)).toEqual([
      true,
      true,
      false,
    ]);
  });

  it('never counts a proxy', () => {
    const cap = createAddressCap(1);
    for (let count = 0; count < 100; count += 1) expect(cap.enter('172.17.0.1')).toBe(true);
  });
});
