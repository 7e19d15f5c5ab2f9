/** The part of the page that is called so. */
export function Say() {
  return <p>Say</p>;
}
