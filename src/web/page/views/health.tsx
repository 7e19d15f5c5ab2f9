/** The part of the page that is called so. */
export function Health() {
  return <p>Health</p>;
}
