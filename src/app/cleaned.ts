/** A copy of a value of plain JSON in which every text has gone through a filter, such as one that takes secrets out. */
export const cleanedBy = <T extends object>(clean: (text: string) => string, value: T): T =>
  // The filter makes texts of texts, so the copy has the value's type.
  JSON.parse(
    JSON.stringify(value, (_key, part: unknown) => (typeof part === 'string' ? clean(part) : part)),
  ) as T;
