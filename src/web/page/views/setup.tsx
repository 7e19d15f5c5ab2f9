/** The part of the page that is called so. */
export function SetUp() {
  return <p>SetUp</p>;
}
