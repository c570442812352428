import { z } from 'zod';
import { Problem } from './problem';

/** Objects in one answer: what a request gets that names no limit, and the most that the standard allows. */
const LIMIT_MAX = 50;
const SKIP_MAX = 2 ** 31 - 1;
const TARGETS_MAX = 50;

const whole = (most: number) =>
  z
    .string()
    .regex(/^\d{1,10}$/)
    .transform(Number)
    .pipe(z.number().int().max(most));
const name = z.string().min(1).max(128);
const objectId = z.string().regex(/^[a-zA-Z0-9_-]{1,128}$/);

const pageFields = { skip: whole(SKIP_MAX).default(0), limit: whole(LIMIT_MAX).default(LIMIT_MAX) };
const targetFields = {
  targets: z.union([name.transform((target) => [target]), z.array(name).max(TARGETS_MAX)]).default([]),
};

/** What the lists can be asked for; parameters that the standard does not name are not looked at. */
export const QUERIES = {
  programs: z.object({ ...pageFields, ...targetFields }),
  events: z.object({
    ...pageFields,
    ...targetFields,
    programID: objectId.optional(),
    active: z
      .enum(['true', 'false'])
      .transform((text) => text === 'true')
      .default(false),
  }),
  reports: z.object({
    ...pageFields,
    programID: objectId.optional(),
    eventID: objectId.optional(),
    clientName: name.optional(),
  }),
  vens: z.object({ ...pageFields, ...targetFields, venName: name.optional() }),
  resources: z.object({
    ...pageFields,
    ...targetFields,
    resourceName: name.optional(),
    venID: objectId.optional(),
  }),
};

/** What a client sends, checked; @throws Problem 400 that names the first member that is wrong */
export function checked<T extends z.ZodType>(schema: T, input: unknown): z.output<T> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const place = issue === undefined || issue.path.length === 0 ? 'the request' : issue.path.join('.');
  throw new Problem(400, `${place}: ${issue?.message ?? 'is wrong'}`);
}

/** The id in a path. @throws Problem 400 */
export function checkedId(id: unknown): string {
  return checked(z.object({ id: objectId }), { id }).id;
}

/** One page of a list. */
export function pageOf<T>(rows: readonly T[], { limit, skip }: { readonly skip: number; readonly limit: number }): T[] {
  return rows.slice(skip, skip + limit);
}
