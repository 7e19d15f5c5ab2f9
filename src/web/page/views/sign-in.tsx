/** Where the password is asked for. */
export function SignIn(_props: { readonly onOpen: () => void }) {
  return <p>SignIn</p>;
}
