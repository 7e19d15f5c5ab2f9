import { z } from 'zod';
import * as formats from './formats.ts';

/** What a setting says about itself, for the page, the editors' schema and the messages. */
interface About {
  /** One sentence. */
  readonly description: string;
  /** What a right value is, when the type and its limits do not say it already. */
  readonly expected?: string;
  /** A value that stands in the example, for a setting without a default. */
  readonly example?: unknown;
  /** Never shown, never logged. */
  readonly secret?: true;
}

/** Writes on a schema what the setting is; the last step, since later ones would hide it. */
export const about = <S extends z.ZodType>(schema: S, facts: About): S => schema.meta({ ...facts });

// Not `\p{Cc}`: editors read patterns without the `u` flag, and would take it for letters.
const CONTROL = '\\u0000-\\u001f\\u007f-\\u009f';

/** Text without control characters, not empty. */
export const text = z.string().regex(new RegExp(`^[^${CONTROL}]+$`));
/** Text without white space, not empty: what is pasted often brings a space along. */
export const noSpaces = z.string().regex(new RegExp(`^[^\\s${CONTROL}]+$`));
/** A TCP port; 0 stands for any free one. */
export const port = z.int().min(0).max(65_535);
/** A length of time, in the unit that the setting's name says. */
export const duration = z.number().positive();
/** An IP address or a host name. */
export const host = z.string().refine(formats.isHost);
/** Hosts, in lower case. */
export const hosts = z.array(
  about(
    host.overwrite((name) => name.toLowerCase()),
    { description: 'A host.', expected: 'an IP address or a host name, without a port' },
  ),
);
/** A password that the bridge itself asks for; shorter ones are guessed, and could not be filtered from the log. */
export const password = text.min(8);
/** A base address that secrets may travel to, without a slash at the end. */
export const webAddress = z
  .string()
  .refine(formats.isSafeWebUrl)
  // Paths are appended, so `…/v1/` and `…/v1` have to mean the same.
  .overwrite((url) => url.replace(/\/+$/, ''));

/** What `host` expects. */
export const HOST = 'an IP address or a host name, without a port';
/** What `port` expects. */
export const PORT = 'a port from 0 to 65535 (0: any free one)';
/** What `password` expects. */
export const PASSWORD = 'text of at least 8 characters';

/** The path of a PEM file; there need not be one. Its content in place of the path would be named when it is not found. */
export const pemFile = (description: string, example: string) =>
  about(text.refine((path) => !path.includes('-----BEGIN')).exactOptional(), {
    description,
    expected: 'the path of a PEM file',
    example,
  });
