/** Makes something of a value once: values are never changed, so it holds for as long as they are there. */
export function onceFor<Key extends object, Made>(make: (key: Key) => Made): (key: Key) => Made {
  const made = new WeakMap<Key, { readonly made: Made }>();
  return (key) => {
    const known = made.get(key) ?? { made: make(key) };
    made.set(key, known);
    return known.made;
  };
}
