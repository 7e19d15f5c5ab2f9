/** The part of the page that is called so. */
export function House() {
  return <p>House</p>;
}
