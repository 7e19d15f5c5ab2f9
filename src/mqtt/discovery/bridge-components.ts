import type { Topics } from '../topics.ts';
import type { Component } from './component.ts';
import { at, show, stateOf } from './templates.ts';

const STATUSES = ['unlinked', 'linked', 'needs_login', 'unreachable'];

const diagnostic = (component: Component): Component => ({ ...component, entity_category: 'diagnostic' });

/** Is it linked, and does it hear of everything? */
function account(state: string): Record<string, Component> {
  const time = (name: string, path: string): Component =>
    diagnostic({
      platform: 'sensor',
      name,
      device_class: 'timestamp',
      state_topic: state,
      value_template: stateOf(path),
    });
  return {
    cloud: diagnostic({
      platform: 'binary_sensor',
      name: 'Sonos cloud',
      device_class: 'connectivity',
      state_topic: state,
      value_template: show(`${at('account.status')} == "linked"`),
      payload_on: 'True',
      payload_off: 'False',
    }),
    account: diagnostic({
      platform: 'sensor',
      name: 'Account',
      icon: 'mdi:account-key',
      device_class: 'enum',
      options: STATUSES,
      state_topic: state,
      value_template: stateOf('account.status'),
    }),
    events_missing: diagnostic({
      platform: 'binary_sensor',
      name: 'Events missing',
      device_class: 'problem',
      state_topic: state,
      // Until the first event comes, state is read every few seconds instead of told.
      value_template: show(`${at('callback.last_event_at')} is none`),
      payload_on: 'True',
      payload_off: 'False',
    }),
    last_event: time('Last event', 'callback.last_event_at'),
    token_expires: time('Token expires', 'account.token_expires_at'),
    last_read_back: time('Last read back', 'reconcile.last_at'),
  };
}

/** What it counts. */
function counts(state: string): Record<string, Component> {
  const count = (name: string, icon: string, path: string, kind: string): Component =>
    diagnostic({
      ...{ platform: 'sensor', name, icon, state_topic: state },
      value_template: stateOf(path),
      state_class: kind,
    });
  return {
    subscriptions: count('Subscriptions', 'mdi:bell-check', 'subscriptions.held', 'measurement'),
    corrections: count('Corrections', 'mdi:auto-fix', 'reconcile.corrections', 'total_increasing'),
    rejected: count('Rejected callbacks', 'mdi:shield-alert', 'callback.rejected', 'total_increasing'),
    requests: count(
      'Requests in the last minute',
      'mdi:cloud-upload',
      'requests.used_last_minute',
      'measurement',
    ),
  };
}

/** What there is to see and to do at the bridge itself. */
export function bridgeComponents(topics: Topics): Record<string, Component> {
  const button = (name: string, icon: string, command: string): Component =>
    diagnostic({ platform: 'button', name, icon, command_topic: topics.bridgeCommand(command) });
  return {
    ...account(topics.bridgeState),
    ...counts(topics.bridgeState),
    problem: diagnostic({
      platform: 'event',
      name: 'Problem',
      icon: 'mdi:alert',
      state_topic: topics.bridgeLog,
      value_template: show('dict(value_json, event_type=value_json.level) | tojson'),
      event_types: ['warn', 'error', 'fatal'],
    }),
    refresh: button('Read everything again', 'mdi:refresh', 'refresh'),
    resubscribe: button('Subscribe again', 'mdi:bell-ring', 'resubscribe'),
  };
}
