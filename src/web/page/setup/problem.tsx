import type { Refusal } from '../../api/messages.ts';

/** Why something did not work, and what to do. */
export function Problem({ error }: { readonly error: Omit<Refusal['error'], 'code'> | null }) {
  return (
    <div role="alert" class={error === null ? 'unseen' : 'problem'}>
      {error !== null && (
        <>
          <p>{error.message}</p>
          {error.advice !== undefined && <p class="hint">{error.advice}</p>}
        </>
      )}
    </div>
  );
}
