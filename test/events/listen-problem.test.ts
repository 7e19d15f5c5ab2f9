import { describe, expect, it } from 'vitest';
import { listenProblemOf } from '../../src/events/listen-problem.ts';

describe('a listener that cannot start', () => {
  it.each([
    ['EADDRINUSE', 'port_in_use', /0\.0\.0\.0:8787.*callback\.port/],
    ['EACCES', 'port_not_allowed', /1024.*callback\.port/],
    ['EADDRNOTAVAIL', 'no_such_address', /callback\.host/],
    ['ENOTFOUND', 'no_such_address', /callback\.host/],
    ['EWHATEVER', 'failed', /EWHATEVER.*callback\.host/],
  ])('says what to do about %s', (code, reason, advice) => {
    const problem = listenProblemOf(Object.assign(new Error('listen'), { code }), '0.0.0.0', 8787);
    expect(problem.reason).toBe(reason);
    expect(problem.message).toMatch(advice);
  });

  it('says something of an error without a code', () => {
    expect(listenProblemOf(new Error('odd'), '::', 1).message).toContain('odd');
  });
});
