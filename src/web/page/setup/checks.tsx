import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { FindingView } from '../../api/messages.ts';
import { furtherEn } from '../words/further-en.ts';
import { t, type Word } from '../words.ts';
import { countOf, readLines } from './findings.ts';

const findings = signal<readonly FindingView[]>([]);
const phase = signal<'new' | 'running' | 'over' | 'broken'>('new');

/** Has everything looked at, and shows each finding when it comes. */
async function run(): Promise<void> {
  if (phase.value === 'running') return;
  findings.value = [];
  phase.value = 'running';
  const lines = readLines<FindingView>((finding) => {
    findings.value = [...findings.value, finding];
  });
  try {
    const response = await fetch('./api/checks');
    if (!response.ok || response.body === null) throw new Error(String(response.status));
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read()) lines.push(part.value);
    lines.end();
    phase.value = 'over';
  } catch {
    phase.value = 'broken';
  }
}

/** The check's name in the language of the page, or as the bridge calls it. */
function titleOf({ check, title }: FindingView): string {
  const word = `check.${check}`;
  return word in furtherEn ? t(word as Word) : title;
}

const MARKS = { well: '✓', wrong: '!', note: '–' } as const;

function Finding({ finding }: { readonly finding: FindingView }) {
  const { verdict, seen, advice } = finding;
  return (
    <li class={`finding ${verdict}`}>
      <span class="judged" aria-hidden="true">
        {MARKS[verdict]}
      </span>
      <div>
        <p>
          <strong>{titleOf(finding)}</strong> <span class="verdict">{t(`setup.verdict.${verdict}`)}</span>
        </p>
        <p class="faint" lang="en">
          {seen}
        </p>
        {advice !== null && (
          <p class="advice" lang="en">
            {advice}
          </p>
        )}
      </div>
    </li>
  );
}

function summary(): string {
  if (phase.value === 'new') return '';
  if (phase.value === 'running') return t('setup.checks.running');
  if (phase.value === 'broken') return t('setup.checks.broken');
  const { wrong, well } = countOf(findings.value);
  return wrong === 0 ? t('setup.checks.well', { well }) : t('setup.checks.wrong', { wrong, well });
}

/** The doctor's checks, as they end; begun at once where nothing was proven yet. */
export function Checks({ atOnce }: { readonly atOnce: boolean }) {
  useEffect(() => {
    if (atOnce && phase.value === 'new') void run();
  }, [atOnce]);
  const isRunning = phase.value === 'running';
  return (
    <section class="stack" aria-labelledby="checks-title">
      <div class="row spread">
        <h3 id="checks-title">{t('setup.checks')}</h3>
        <button type="button" class="button small" disabled={isRunning} onClick={() => void run()}>
          {t(phase.value === 'new' ? 'setup.checks.run' : 'setup.checks.again')}
        </button>
      </div>
      {phase.value === 'new' && <p class="hint">{t('setup.checks.text')}</p>}
      <ul class="findings" aria-busy={isRunning}>
        {findings.value.map((finding, at) => (
          <Finding key={at} finding={finding} />
        ))}
      </ul>
      <p role="status" class={isRunning ? 'faint' : ''}>
        {summary()}
      </p>
    </section>
  );
}
