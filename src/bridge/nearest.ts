/** How many single-letter changes make one word of the other. */
function distance(a: string, b: string): number {
  const letters = [...b];
  let apart = letters.length;
  let row = [0, ...letters.map((_, index) => index + 1)];
  for (const letter of a) {
    const next: number[] = [];
    let corner = Number.POSITIVE_INFINITY;
    let left = Number.POSITIVE_INFINITY;
    for (const [index, above] of row.entries()) {
      left = Math.min(above + 1, left + 1, corner + (letter === letters[index - 1] ? 0 : 1));
      next.push(left);
      corner = above;
    }
    apart = left;
    row = next;
  }
  return apart;
}

/** The word that was probably meant; null when none is near. Case does not count. */
export function nearest(word: string, known: readonly string[]): string | null {
  const wanted = word.toLowerCase().slice(0, 64);
  let best: { readonly word: string; readonly distance: number } | null = null;
  for (const candidate of known) {
    const apart = distance(wanted, candidate.toLowerCase().slice(0, 64));
    if (best === null || apart < best.distance) best = { word: candidate, distance: apart };
  }
  const allowed = Math.max(1, Math.floor(wanted.length / 3));
  return best !== null && best.distance <= allowed ? best.word : null;
}

/** `Did you mean "Jazz"?`, or what there is, for an error's advice. */
export function suggestion(word: string, known: readonly string[]): string {
  const meant = nearest(word, known);
  if (meant !== null) return `Did you mean "${meant}"?`;
  if (known.length === 0) return 'There is none.';
  const listed = known.slice(0, 12).map((name) => `"${name}"`);
  return `There is ${listed.join(', ')}${known.length > listed.length ? ' …' : ''}.`;
}
