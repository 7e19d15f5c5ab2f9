import '../words/further.ts';
import '../setup/pieces.css';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Refusal, SessionView, SetupView } from '../../api/messages.ts';
import { ask } from '../api.ts';
import { bridge } from '../live.ts';
import { Link } from './account.tsx';
import { Integration } from './integration.tsx';
import { Problem } from './problem.tsx';
import { Proof } from './proof.tsx';
import './setup.css';
import { t } from '../words.ts';
import {
  expectsEvents,
  isWhole,
  type SetupFacts,
  STEPS,
  type StepName,
  type StepState,
  stepStates,
} from './steps.ts';

interface StepProps {
  readonly name: StepName;
  readonly state: StepState;
  readonly isOpen: boolean;
  readonly onToggle: (isOpen: boolean) => void;
  readonly children: ComponentChildren;
}

function Step({ name, state, isOpen, onToggle, children }: StepProps) {
  const head = (
    <>
      <span class="step-mark" aria-hidden="true">
        {state === 'done' ? '✓' : STEPS.indexOf(name) + 1}
      </span>
      <h2>{t(`setup.step.${name}`)}</h2>
      <span class="step-state">{t(`setup.state.${state}`)}</span>
    </>
  );
  if (state === 'later') return <li class="card step later">{<div class="step-head">{head}</div>}</li>;
  return (
    <li class={`card step ${state}`} aria-current={state === 'now' ? 'step' : undefined}>
      <details open={isOpen} onToggle={(event) => onToggle(event.currentTarget.open)}>
        <summary class="step-head">{head}</summary>
        <div class="step-body">{children}</div>
      </details>
    </li>
  );
}

function Body({ name, facts, isNow }: { name: StepName; facts: SetupFacts; isNow: boolean }) {
  const { setup, bridge: state, mode } = facts;
  if (name === 'integration') {
    return setup === null ? (
      <p class="faint">{t('live.waiting')}</p>
    ) : (
      <Integration setup={setup} mode={mode} />
    );
  }
  if (state === null) return <p class="faint">{t('live.waiting')}</p>;
  if (name === 'account') return <Link bridge={state} />;
  if (name === 'proof') return <Proof bridge={state} isExpected={expectsEvents(setup)} isNow={isNow} />;
  return (
    <div class="stack">
      <p>{t(expectsEvents(setup) ? 'setup.done.text' : 'setup.done.polling')}</p>
      <p>
        <a class="button primary" href="#/house">
          {t('setup.done.go')}
        </a>
      </p>
    </div>
  );
}

function Steps({ facts }: { readonly facts: SetupFacts }) {
  const states = stepStates(facts);
  const isAll = isWhole(facts);
  const current = STEPS.find((name) => states[name] === 'now');
  // What a person has opened or folded, until another step is the one to do.
  const [turned, setTurned] = useState<{
    at: StepName | undefined;
    open: Partial<Record<StepName, boolean>>;
  }>({
    at: current,
    open: {},
  });
  const open = turned.at === current ? turned.open : {};
  // Who has just linked an account wants to see that it works; and that must not fold under the eyes of who reads it.
  const isProving = useRef(location.hash === '#/setup/proof');
  isProving.current ||= states.account === 'now' || states.proof === 'now';
  const isOpenUnasked = (name: StepName): boolean =>
    states[name] === 'now' || (name === 'proof' && isProving.current);
  return (
    <ol class="steps">
      {STEPS.map((name) => (
        <Step
          key={name}
          name={name}
          state={isAll && name === 'done' ? 'done' : states[name]}
          isOpen={open[name] ?? isOpenUnasked(name)}
          onToggle={(isOpen) => setTurned({ at: current, open: { ...open, [name]: isOpen } })}
        >
          <Body name={name} facts={facts} isNow={isOpenUnasked(name)} />
        </Step>
      ))}
    </ol>
  );
}

/** The guided path from an empty bridge to playing rooms. */
export function SetUp() {
  const [setup, setSetup] = useState<SetupView | null>(null);
  const [mode, setMode] = useState<SessionView['mode'] | null>(null);
  const [error, setError] = useState<Refusal['error'] | null>(null);
  useEffect(() => {
    void ask<SessionView>('GET', 'api/session').then((answer) => {
      if (answer.ok) setMode(answer.value.mode);
      else setError(answer.error);
    });
    void ask<SetupView>('GET', 'api/setup').then((answer) => {
      if (answer.ok) setSetup(answer.value);
      else setError(answer.error);
    });
  }, []);
  const isKnown = mode !== null && setup !== null && (mode === 'setup' || bridge.value !== null);
  return (
    <div class="stack setup">
      <div>
        <h1>{t('setup.title')}</h1>
        {isKnown && (
          <p class="faint">
            {t(isWhole({ mode, setup, bridge: bridge.value }) ? 'setup.whole' : 'setup.text')}
          </p>
        )}
      </div>
      <Problem error={error} />
      {isKnown ? (
        <Steps facts={{ mode, setup, bridge: bridge.value }} />
      ) : (
        error === null && <p class="faint">{t('live.waiting')}</p>
      )}
    </div>
  );
}
