/** Does work one after another for each key; null when so much waits already. Work must not reject. */
export function createTurns(most: number) {
  const lines = new Map<string, (() => Promise<void>)[]>();

  async function workOff(key: string, line: (() => Promise<void>)[]): Promise<void> {
    for (let next = line[0]; next !== undefined; next = line[0]) {
      await next();
      line.shift();
    }
    lines.delete(key);
  }

  return <T>(key: string, work: () => Promise<T>): Promise<T> | null => {
    const line = lines.get(key) ?? [];
    if (line.length >= most) return null;
    return new Promise((resolve) => {
      line.push(async () => resolve(await work()));
      if (lines.has(key)) return;
      lines.set(key, line);
      void workOff(key, line);
    });
  };
}
