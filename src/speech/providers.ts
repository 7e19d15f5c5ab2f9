import { createEspeak, type EspeakOptions } from './espeak.ts';
import { createHomeAssistant, type HomeAssistantOptions } from './home-assistant.ts';
import { createHttp, type HttpOptions } from './http-provider.ts';
import { createMarytts, type MaryttsOptions } from './marytts.ts';
import { createOpenai, type OpenaiOptions } from './openai.ts';
import type { ProviderName, SpeechProvider } from './provider.ts';

/** The settings of all providers, and which are asked. */
export interface ProvidersOptions {
  /** `speech.providers`: who speaks, in the order in which they are tried. */
  readonly order: readonly ProviderName[];
  readonly espeak: EspeakOptions;
  readonly openai: OpenaiOptions;
  readonly marytts: MaryttsOptions;
  readonly homeAssistant: HomeAssistantOptions;
  readonly http: HttpOptions;
}

/** Those who speak, in the order named, each once. */
export function createProviders(options: ProvidersOptions): readonly SpeechProvider[] {
  const create: Readonly<Record<ProviderName, () => SpeechProvider>> = {
    espeak: () => createEspeak(options.espeak),
    openai: () => createOpenai(options.openai),
    marytts: () => createMarytts(options.marytts),
    home_assistant: () => createHomeAssistant(options.homeAssistant),
    http: () => createHttp(options.http),
  };
  return [...new Set(options.order)].map((name) => create[name]());
}
