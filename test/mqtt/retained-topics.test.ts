import { describe, expect, it } from 'vitest';
import { RetainedTopics } from '../../src/mqtt/retained-topics.ts';

/** Topics of which the broker holds `a=1`. */
function setUp() {
  const topics = new RetainedTopics();
  topics.want('a', '1');
  topics.take();
  topics.settle('a', true);
  return topics;
}

const taken = (topics: RetainedTopics): string[] => {
  const all: string[] = [];
  for (let value = topics.take(); value !== null; value = topics.take())
    all.push(`${value.topic}=${value.payload}`);
  return all;
};

describe('a retained topic', () => {
  it('is known once it was wanted, until it is retired and its clearing arrived', () => {
    const topics = new RetainedTopics();
    expect(topics.has('a')).toBe(false);
    topics.want('a', '1');
    expect(topics.has('a')).toBe(true);
    topics.clear('a', () => {});
    expect(taken(topics)).toEqual(['a=']);
    expect(topics.has('a')).toBe(true);
    topics.settle('a', true);
    expect(topics.has('a')).toBe(false);
  });

  it('that is to hold nothing is cleared once, and again on the next connection', () => {
    const topics = setUp();
    topics.want('a', '');
    expect(taken(topics)).toEqual(['a=']);
    topics.settle('a', true);
    topics.want('a', '');
    expect(taken(topics)).toEqual([]);
    topics.restart({ topic: 'z', payload: 'online' });
    expect(taken(topics)).toEqual(['a=', 'z=online']);
  });

  it('that was retired and is wanted again meanwhile stays known, also to hold nothing', () => {
    const topics = setUp();
    topics.clear('a', () => {});
    topics.want('a', '');
    taken(topics);
    topics.settle('a', true);
    expect(topics.has('a')).toBe(true);
  });

  it('that is not on its way is not changed by an answer', () => {
    const topics = setUp();
    topics.settle('a', true);
    topics.settle('a', false);
    topics.settle('nobody knows', true);
    expect([topics.size, topics.due]).toEqual([1, 0]);
    topics.want('a', '1');
    expect(taken(topics)).toEqual([]);
  });
});

describe('a value that the broker refused', () => {
  it('is tried again when its time has come', () => {
    const topics = setUp();
    topics.want('a', '2');
    topics.take();
    topics.settle('a', false);
    expect(topics.due).toBe(0);
    topics.tryAgain();
    expect(taken(topics)).toEqual(['a=2']);
    topics.settle('a', true);
    topics.tryAgain();
    expect(topics.due).toBe(0);
  });

  it('and was taken later, or is on its way again, is not tried again as well', () => {
    const topics = setUp();
    topics.want('a', '2');
    topics.take();
    topics.settle('a', false);
    topics.want('a', '3');
    topics.take();
    topics.tryAgain();
    expect(taken(topics)).toEqual([]);
    topics.settle('a', false);
    topics.want('a', '4');
    topics.take();
    topics.settle('a', true);
    topics.tryAgain();
    expect(taken(topics)).toEqual([]);
  });
});

describe('a clearing', () => {
  it('tells all who wait for it when it arrived, each once, and not before', () => {
    const topics = setUp();
    const told: string[] = [];
    topics.clear('a', () => told.push('one'));
    topics.clear('a', () => told.push('two'));
    expect(taken(topics)).toEqual(['a=']);
    expect(told).toEqual([]);
    topics.settle('a', true);
    expect(told).toEqual(['one', 'two']);
    topics.want('a', '1');
    expect(told).toEqual(['one', 'two']);
  });

  it('that the broker refused has told nobody that it arrived, until it does', () => {
    const topics = setUp();
    const told: string[] = [];
    topics.clear('a', () => told.push('one'));
    topics.take();
    topics.settle('a', false);
    expect(told).toEqual([]);
    topics.tryAgain();
    expect(taken(topics)).toEqual(['a=']);
    topics.settle('a', true);
    expect(told).toEqual(['one']);
    expect(topics.size).toBe(0);
  });

  it('tells at once when the topic is wanted after all', () => {
    const topics = setUp();
    const told: string[] = [];
    topics.clear('a', () => told.push('one'));
    topics.want('a', '1');
    expect(told).toEqual(['one']);
    expect(taken(topics)).toEqual([]);
  });

  it('is due again when somebody has just come, those that are named ahead of all', () => {
    const topics = setUp();
    topics.want('b', '2');
    topics.want('c', '3');
    expect(taken(topics)).toEqual(['b=2', 'c=3']);
    topics.settle('b', true);
    topics.repeat((topic) => topic === 'b');
    // What is on its way is not sent a second time.
    expect(taken(topics)).toEqual(['b=2', 'a=1']);
    topics.settle('c', true);
    expect(topics.due).toBe(0);
  });
});
