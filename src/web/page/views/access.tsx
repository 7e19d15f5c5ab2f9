/** The part of the page that is called so. */
export function Access() {
  return <p>Access</p>;
}
