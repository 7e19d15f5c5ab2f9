import { z } from 'zod';

/** What every command may have beside its value. */
export const besideSchema = z.object({
  id: z
    .union([z.string().min(1).max(128), z.number().transform(String)])
    .nullish()
    .describe('Comes back in the answers. The same id is not carried out again within ten minutes.'),
  expires_at: z.iso
    .datetime({ offset: true })
    .nullish()
    .describe('After this moment the command is not carried out.'),
});

const noObject = [z.string(), z.number(), z.boolean(), z.null(), z.array(z.unknown())] as const;

/** A value as it stands in a payload: itself, or in an object with further fields, which are `beside`. */
function written(value: z.ZodType, beside: z.ZodObject): z.ZodType {
  if (value instanceof z.ZodUnknown) return z.union([...noObject, beside]);
  const options = value instanceof z.ZodUnion ? value.options : [value];
  const hasFields = options.some((option) => option instanceof z.ZodObject);
  const whole = options.flatMap((option) => {
    if (option instanceof z.ZodObject) return [option.extend(beside.shape)];
    const wrapped = beside.extend({ value: option });
    return [option, hasFields ? wrapped.strict() : wrapped];
  });
  return z.union(whole);
}

/** The payload of one command, whose value this is: bare, or an object with `value`, `id` and `expires_at`. */
export const commandPayload = (value: z.ZodType): z.ZodType => written(value, besideSchema);

/** The payload of `set`, several commands in the order written: an object of these commands. */
export const severalPayload = (commands: Readonly<Record<string, z.ZodType>>): z.ZodType =>
  z.strictObject({
    ...Object.fromEntries(
      Object.entries(commands).map(([name, value]) => [name, written(value, z.object({})).optional()]),
    ),
    ...besideSchema.shape,
  });
